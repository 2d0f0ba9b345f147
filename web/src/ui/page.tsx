// What every page begins with: its title, a line about it, what can be done.
import type { ComponentChildren } from "preact";

export function PageHead({
  title,
  about,
  above,
  children,
}: {
  title: ComponentChildren;
  about?: ComponentChildren;
  above?: ComponentChildren; // the way back up
  children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <div>
        {above && <p class="above">{above}</p>}
        <h1>{title}</h1>
        {about && <p class="about">{about}</p>}
      </div>
      {children && <div class="page-actions">{children}</div>}
    </header>
  );
}

export function Card({ title, actions, children, id }: { title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; id?: string }) {
  return (
    <section class="card" {...(id === undefined ? {} : { id })}>
      {(title || actions) && (
        <header>
          {title && <h2>{title}</h2>}
          {actions && <div class="card-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

// Names and their values.
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Chips({ values, most = 6, none = "–" }: { values: readonly string[]; most?: number; none?: string }) {
  if (values.length === 0) return <span class="soft">{none}</span>;
  return (
    <span class="chips">
      {values.slice(0, most).map((value) => (
        <span class="chip" key={value}>
          {value}
        </span>
      ))}
      {values.length > most && <span class="soft">+{values.length - most} more</span>}
    </span>
  );
}
