// Pictures in lines of their own, in the colour of the text around them. They say nothing that the
// text does not, and are hidden from who hears the page.

const PATHS = {
  tunnel: "M3 18v-4a9 9 0 0 1 18 0v4M8 18v-4a4 4 0 0 1 8 0v4",
  route: "M6 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM18 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 17h6a4 4 0 0 0 4-4V9",
  path: "M4 12h4l3-7 4 14 3-7h2",
  flow: "M4 7h13m0 0-3-3m3 3-3 3M20 17H7m0 0 3-3m-3 3 3 3",
  device: "M5 5h14v10H5zM2 19h20",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20a6 6 0 0 1 12 0M16 4.3a3.5 3.5 0 0 1 0 6.4M17.5 14.4A6 6 0 0 1 21 20",
  policy: "M12 3 5 6v5c0 4.5 3 8.3 7 10 4-1.7 7-5.5 7-10V6zM9 12l2 2 4-4",
  audit: "M7 4h10v16H7zM10 9h4M10 13h4",
  token: "M15 9a4 4 0 1 0-4 4 4 4 0 0 0 2.6-1L20 18l-1.5 1.5M17 15l-1.5 1.5",
  edge: "M4 6h16v5H4zM4 13h16v5H4zM8 8.5h.01M8 15.5h.01",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5 10 17 19 7",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  pause: "M9 5v14M15 5v14",
  play: "M7 5v14l11-7z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4 4",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  refresh: "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
  download: "M12 4v11m0 0-4-4m4 4 4-4M5 20h14",
  signOut: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
  restore: "M4 9h10a5 5 0 0 1 0 10H9M4 9l4-4M4 9l4 4",
  ban: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM6.5 6.5l11 11",
  wrench: "M15 5a4 4 0 0 0-4.6 5.2L4 16.6 7.4 20l6.4-6.4A4 4 0 0 0 19 9l-2.5 2.5-3-1-1-3z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  const isBold = name === "grip" || name === "edge";
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} stroke-width={isBold ? 2.4 : 1.8} />
    </svg>
  );
}
