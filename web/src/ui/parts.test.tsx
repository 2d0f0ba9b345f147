// Parts as people meet them: by label, by keyboard, in words.
import { render } from "preact";
import { act } from "preact/test-utils";
import { useState } from "preact/hooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Problem } from "../api/client";
import { Form, ListField, TextField } from "./form";
import { Sortable } from "./sortable";
import { StatusWord } from "./status";
import { Table } from "./table";

let root: HTMLElement;
beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const show = (tree: preact.ComponentChild) => act(() => render(tree, root));
const text = (selector: string) => root.querySelector(selector)?.textContent ?? null;

function labelled(label: string): HTMLInputElement {
  const found = [...root.querySelectorAll("label")].find((element) => element.textContent === label);
  return root.querySelector<HTMLInputElement>(`[id="${found!.htmlFor}"]`)!;
}

async function write(input: HTMLInputElement, value: string) {
  await act(() => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
async function press(element: Element, key: string) {
  await act(() => {
    element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
}

describe("a form", () => {
  async function refuse(problem: Problem) {
    await show(
      <Form fields={["name"]} submit="Add" onSubmit={() => Promise.reject(problem)}>
        <TextField label="Name" field="name" value="" onInput={() => {}} hint="a name" />
      </Form>,
    );
    await act(async () => {
      root.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    });
  }

  it("shows a refusal beside the field that it names", async () => {
    await refuse(new Problem(409, "there is one already", "name"));
    const input = labelled("Name");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    const described = input.getAttribute("aria-describedby")!.split(" ").map((id) => root.querySelector(`[id="${id}"]`)!.textContent);
    expect(described).toEqual(["a name", "there is one already"]);
    expect(root.querySelector(".notice")).toBeNull();
  });

  it("shows what names no field of it for the whole", async () => {
    await refuse(new Problem(503, "the edge does not answer now", null));
    expect(text(".notice")).toBe("the edge does not answer now");
    expect(labelled("Name").hasAttribute("aria-invalid")).toBe(false);
  });

  it("takes a refusal of one entry for its list's", async () => {
    const Fields = () => {
      const [who, setWho] = useState(["user:a", "user:b"]);
      return (
        <Form fields={["who"]} submit="Add" onSubmit={() => Promise.reject(new Problem(422, "there is no user b", "who[1]"))}>
          <ListField label="Who" field="who" values={who} onChange={setWho} />
        </Form>
      );
    };
    await show(<Fields />);
    await act(async () => {
      root.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    });
    expect(text(".field-problem")).toBe("there is no user b");
  });
});

describe("a list field", () => {
  function Words({ onValues }: { onValues: (values: string[]) => void }) {
    const [values, setValues] = useState<string[]>([]);
    onValues(values);
    return <ListField label="To" values={values} onChange={setValues} suggestions={["user:al"]} />;
  }
  it("takes words by Enter, by comma and by leaving it, each once", async () => {
    let values: string[] = [];
    await show(<Words onValues={(next) => (values = next)} />);
    const input = labelled("To");
    await write(input, "10.0.0.0/8,");
    await write(input, "a b");
    await press(input, "Enter");
    await write(input, "a");
    await act(() => void input.dispatchEvent(new FocusEvent("blur")));
    expect(values).toEqual(["10.0.0.0/8", "a", "b"]);
    await press(input, "Backspace");
    expect(values).toEqual(["10.0.0.0/8", "a"]);
    await act(() => root.querySelector<HTMLElement>('[aria-label="Remove 10.0.0.0/8 from To"]')!.click());
    expect(values).toEqual(["a"]);
  });
});

describe("a list to be put in order", () => {
  const items = ["a", "b", "c"].map((name, id) => ({ id: id + 1, name }));
  const names = () => [...root.querySelectorAll("li span")].map((element) => element.textContent).join("");
  const handle = (name: string) => root.querySelector<HTMLElement>(`[aria-label="Move ${name}"]`)!;
  const said = () => text("[aria-live=assertive]");

  async function list(onMove = vi.fn(async () => {}), canMove = true) {
    await show(
      <Sortable
        label="Rules"
        items={items}
        keyOf={(item) => item.id}
        nameOf={(item) => item.name}
        classOf={() => ""}
        canMove={canMove}
        render={(item) => <span>{item.name}</span>}
        onMove={onMove}
      />,
    );
    return onMove;
  }

  it("moves by the keyboard alone, and says so", async () => {
    const onMove = await list();
    await press(handle("c"), " ");
    expect(said()).toBe("c: taken, place 3 of 3.");
    await press(handle("c"), "ArrowUp");
    await press(handle("c"), "ArrowUp");
    await press(handle("c"), "ArrowUp");
    expect(names()).toBe("cab");
    expect(said()).toBe("c: moved, place 1 of 3.");
    expect(document.activeElement).toBe(handle("c"));
    expect(onMove).not.toHaveBeenCalled();
    await press(handle("c"), " ");
    expect(onMove).toHaveBeenCalledWith(items[2], items[0]);
  });

  it("puts back with Escape", async () => {
    const onMove = await list();
    await press(handle("a"), "Enter");
    await press(handle("a"), "ArrowDown");
    expect(names()).toBe("bac");
    await press(handle("a"), "Escape");
    expect(names()).toBe("abc");
    expect(said()).toBe("a: put back, place 1 of 3.");
    expect(onMove).not.toHaveBeenCalled();
  });

  it("does nothing where it was taken", async () => {
    const onMove = await list();
    await press(handle("b"), " ");
    await press(handle("b"), " ");
    expect(onMove).not.toHaveBeenCalled();
  });

  it("shows the new order until it is done", async () => {
    let finish = () => {};
    const onMove = await list(vi.fn(() => new Promise<void>((resolve) => (finish = resolve))));
    await press(handle("a"), " ");
    await press(handle("a"), "ArrowDown");
    await press(handle("a"), " ");
    expect(onMove).toHaveBeenCalled();
    expect(names()).toBe("bac");
    await act(async () => finish());
    expect(names()).toBe("abc"); // what the API has is what counts
  });

  it("stands still for who may only read", async () => {
    await list(undefined, false);
    expect(root.querySelector(".handle")).toBeNull();
  });
});

it("names are text, whatever is in them", async () => {
  const name = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  await show(
    <Table
      caption={name}
      columns={[{ title: "Name", cell: (row: { name: string }) => <StatusWord word={row.name} /> }]}
      rows={[{ name }]}
      keyOf={(row) => row.name}
    />,
  );
  expect(root.querySelector("img, script")).toBeNull();
  expect(text("td")).toBe(name);
});
