// Forms. What the API refuses stands beside the field that it names, or else above the buttons.
import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { asProblem, type Problem } from "../api/client";
import { Button, IconButton } from "./button";
import { ProblemNotice } from "./notice";

const Refused = createContext<Problem | null>(null);

// "who[2]" is at fault in "who".
export function isAtFault(problem: Problem | null, field: string): boolean {
  const named = problem?.field;
  return named === field || (named?.startsWith(`${field}[`) ?? false);
}

export function Form({
  onSubmit,
  submit,
  onCancel,
  fields,
  children,
  kind = "primary",
  isInline = false,
}: {
  onSubmit: () => Promise<unknown>;
  submit: string;
  onCancel?: () => void;
  fields: readonly string[]; // whose refusals are shown beside them
  children: ComponentChildren;
  kind?: "primary" | "danger";
  isInline?: boolean; // the button stands beside the fields
}) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit();
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [problem]);
  const isElsewhere = problem !== null && !fields.some((field) => isAtFault(problem, field));
  return (
    <form ref={form} class={isInline ? "form inline" : "form"} onSubmit={(event) => void send(event)} noValidate>
      <Refused.Provider value={problem}>{children}</Refused.Provider>
      {isElsewhere && <ProblemNotice problem={problem} />}
      <div class="dialog-actions">
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        <Button type="submit" kind={kind} disabled={isBusy}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

interface FieldProps {
  label: string;
  field?: string; // as the API calls it
  hint?: ComponentChildren;
}

interface InputAttributes {
  id: string;
  "aria-invalid"?: boolean;
  "aria-describedby"?: string;
}

// A label, what it labels, a hint, and what is wrong with it.
function Field({ label, field, hint, render }: FieldProps & { render: (attributes: InputAttributes) => ComponentChildren }) {
  const id = useId();
  const problem = useContext(Refused);
  const isWrong = field !== undefined && isAtFault(problem, field);
  const describedBy = [hint ? `${id}-hint` : "", isWrong ? `${id}-problem` : ""].join(" ").trim();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {render({
        id,
        ...(isWrong ? { "aria-invalid": true as const } : {}),
        ...(describedBy ? { "aria-describedby": describedBy } : {}),
      })}
      {isWrong && (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {problem!.detail}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({
  value,
  onInput,
  type = "text",
  placeholder,
  suggestions,
  autoFocus,
  isCode,
  autoComplete = "off",
  onKeyDown,
  ...field
}: FieldProps & {
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "search" | "password" | "number" | "datetime-local";
  placeholder?: string;
  suggestions?: readonly string[];
  autoFocus?: boolean;
  isCode?: boolean;
  autoComplete?: string;
  onKeyDown?: (event: KeyboardEvent) => void;
}) {
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  // On a page. In a dialog the attribute does it, when the dialog is shown.
  useLayoutEffect(() => {
    if (autoFocus) input.current?.focus();
  }, []);
  return (
    <Field
      {...field}
      render={(attributes) => (
        <>
          <input
            {...attributes}
            ref={input}
            type={type as "text"}
            value={value}
            class={isCode ? "code" : ""}
            autofocus={autoFocus ?? false}
            autocomplete={autoComplete}
            autocapitalize="off"
            spellcheck={false}
            onInput={(event) => onInput(event.currentTarget.value)}
            {...(onKeyDown ? { onKeyDown } : {})}
            {...(placeholder === undefined ? {} : { placeholder })}
            {...(suggestions ? { list } : {})}
          />
          {suggestions && (
            <datalist id={list}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
            </datalist>
          )}
        </>
      )}
    />
  );
}

export function SelectField<T extends string>({
  value,
  onChange,
  options,
  ...field
}: FieldProps & { value: T; onChange: (value: T) => void; options: readonly (readonly [T, string])[] }) {
  return (
    <Field
      {...field}
      render={(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
          {options.map(([option, text]) => (
            <option key={option} value={option} selected={option === value}>
              {text}
            </option>
          ))}
        </select>
      )}
    />
  );
}

export function CheckField({
  label,
  checked,
  onChange,
  hint,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

// Chosen among the suggestions, and not written letter by letter.
function isPicked(event: Event): boolean {
  return !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
}

// A list of words: written one after the other, each taken by Enter, a comma or leaving the field.
export function ListField({
  values,
  onChange,
  suggestions = [],
  placeholder,
  ...field
}: FieldProps & {
  values: readonly string[];
  onChange: (values: string[]) => void;
  suggestions?: readonly string[];
  placeholder?: string;
}) {
  const [text, setText] = useState("");
  const list = useId();
  const take = (written: string) => {
    const words = written.split(/[\s,]+/).filter((word) => word !== "");
    setText("");
    if (words.length > 0) onChange([...new Set([...values, ...words])]);
  };
  return (
    <Field
      {...field}
      render={(attributes) => (
        <div class="list-input">
          {values.map((value) => (
            <span class="chip" key={value}>
              {value}
              <IconButton
                icon="close"
                label={`Remove ${value} from ${field.label}`}
                onClick={() => onChange(values.filter((other) => other !== value))}
              />
            </span>
          ))}
          <input
            {...attributes}
            type="text"
            list={list}
            value={text}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder={values.length === 0 ? (placeholder ?? "") : ""}
            onInput={(event) => {
              const written = event.currentTarget.value;
              if (/[\s,]$/.test(written) || (isPicked(event) && suggestions.includes(written))) take(written);
              else setText(written);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && text !== "") {
                event.preventDefault();
                take(text);
              } else if (event.key === "Backspace" && text === "") {
                onChange(values.slice(0, -1));
              }
            }}
            onBlur={() => take(text)}
          />
          <datalist id={list}>
            {suggestions
              .filter((suggestion) => !values.includes(suggestion))
              .map((suggestion) => (
                <option key={suggestion} value={suggestion} />
              ))}
          </datalist>
        </div>
      )}
    />
  );
}
