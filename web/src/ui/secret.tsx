// Things to take along: text to copy, and secrets that are shown this once.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Button } from "./button";
import { done, failed } from "./notice";

async function copy(text: string): Promise<void> {
  // Only there by TLS or on this machine.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("The browser does not let it be copied: select it, and copy it yourself.");
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const run = async () => {
    try {
      await copy(text);
      setCopied(true);
      done(`${what} is copied.`);
    } catch (error) {
      failed(error);
    }
  };
  return (
    <Button icon={isCopied ? "check" : "copy"} onClick={() => void run()} title={`Copy ${what}`}>
      {isCopied ? "Copied" : "Copy"}
    </Button>
  );
}

// Text as it is written in a terminal, with a button that copies it.
export function Command({ text, what }: { text: string; what: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

export function Secret({ what, value, fileName, children }: { what: string; value: string; fileName: string; children?: ComponentChildren }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([`${value}\n`], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <div class="secret">
      <p class="notice fair">
        This is the only time that {what} is shown. The edge keeps only a hash of it: copy it now, or save it.
      </p>
      <div class="command">
        <pre tabIndex={0} aria-label={what} data-secret>
          <code>{value}</code>
        </pre>
        <div class="command-buttons">
          <CopyButton text={value} what={what} />
          <Button icon="download" onClick={save}>
            Save as {fileName}
          </Button>
        </div>
      </div>
      {children}
    </div>
  );
}
