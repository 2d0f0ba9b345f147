// Tables. On a narrow screen each row becomes a card, with its columns' titles beside the values.
import type { ComponentChildren } from "preact";

export interface Column<T> {
  title: string;
  cell: (row: T) => ComponentChildren;
  isNumber?: boolean;
  isActions?: boolean; // buttons: a title only for who hears the page
  isName?: boolean; // what the row is called: heads the card
  isWide?: boolean; // takes what space there is
}

export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
  rowClass,
  isDense = false,
}: {
  caption: string; // for who hears the page
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  rowClass?: (row: T) => string;
  isDense?: boolean; // many small numbers: three beside each other on a narrow screen
}) {
  return (
    <div class={isDense ? "table-frame dense" : "table-frame"}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={cellClass(column)}>
                {column.isActions ? <span class="hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={rowClass?.(row) ?? ""}>
              {columns.map((column) => (
                <td key={column.title} class={cellClass(column)} data-title={column.isActions || column.isName ? "" : column.title}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<T>(column: Column<T>): string {
  const classes = [
    column.isNumber ? "number" : "",
    column.isActions ? "actions" : "",
    column.isName ? "name" : "",
    column.isWide ? "wide" : "",
  ];
  return classes.filter(Boolean).join(" ");
}
