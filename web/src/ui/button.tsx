import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icon";

export interface ButtonProps {
  children: ComponentChildren;
  onClick?: (event: MouseEvent) => void;
  icon?: IconName;
  kind?: "plain" | "primary" | "danger" | "quiet";
  type?: "button" | "submit";
  disabled?: boolean;
  pressed?: boolean;
  title?: string;
}

export function Button({ children, onClick, icon, kind = "plain", type = "button", disabled, pressed, title }: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled ?? false}
      {...(onClick ? { onClick } : {})}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      {...(title === undefined ? {} : { title })}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

// One without a text to see; `label` is what it is called, and names what it does it to.
export function IconButton({
  icon,
  label,
  onClick,
  kind = "quiet",
  disabled,
}: {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  kind?: "quiet" | "danger";
  disabled?: boolean;
}) {
  return (
    <button type="button" class={`button icon-only ${kind}`} aria-label={label} title={label} disabled={disabled ?? false} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
