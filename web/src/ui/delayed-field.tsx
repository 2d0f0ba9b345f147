// A field that filters as it is written.
import { useState } from "preact/hooks";

import { TextField } from "./form";

const PAUSE_MS = 400;

// Takes effect when somebody stops writing, or presses Enter.
export function DelayedField({
  label,
  value,
  onValue,
  placeholder,
  suggestions,
  isCode,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  placeholder?: string;
  suggestions?: readonly string[];
  isCode?: boolean;
}) {
  const [written, setWritten] = useState<{ text: string; of: string }>({ text: value, of: value });
  const [timer, setTimer] = useState<ReturnType<typeof setTimeout>>();
  // Somebody else has changed it: cleared the filter, say.
  const text = written.of === value ? written.text : value;
  const take = (next: string) => {
    clearTimeout(timer);
    setWritten({ text: next, of: next });
    onValue(next.trim());
  };
  return (
    <TextField
      label={label}
      value={text}
      onInput={(next) => {
        setWritten({ text: next, of: value });
        clearTimeout(timer);
        setTimer(setTimeout(() => take(next), PAUSE_MS));
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") take(text);
      }}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(suggestions === undefined ? {} : { suggestions })}
      {...(isCode === undefined ? {} : { isCode })}
    />
  );
}
