// Dialogs: the browser's own, which keep the focus inside and end with Escape.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { asProblem, type Problem } from "../api/client";
import { Button, IconButton } from "./button";
import { ProblemNotice } from "./notice";

export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  isWide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the fields inside take the focus.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const shown = dialog.current!;
    shown.showModal();
    return () => {
      if (shown.open) shown.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? "wide" : ""}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  );
}

export interface Question {
  title: string;
  // What will happen, in plain words.
  text: ComponentChildren;
  action: string; // of the button that does it
  run: () => Promise<unknown>;
  kind?: "danger" | "primary";
}

const question = signal<Question | null>(null);

// Asks before something that cannot be taken back, and does it if the answer is yes.
export function confirm(asked: Question): void {
  question.value = asked;
}

export function Confirmations() {
  const asked = question.value;
  return asked && <Confirmation key={asked.title} asked={asked} />;
}

function Confirmation({ asked }: { asked: Question }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const close = () => {
    question.value = null;
  };
  const run = async () => {
    setBusy(true);
    try {
      await asked.run();
      close();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={asked.title} onClose={close}>
      <div class="dialog-body">{asked.text}</div>
      <ProblemNotice problem={problem} />
      <div class="dialog-actions">
        <Button onClick={close}>Cancel</Button>
        <Button kind={asked.kind ?? "danger"} disabled={isBusy} onClick={() => void run()}>
          {asked.action}
        </Button>
      </div>
    </Dialog>
  );
}
