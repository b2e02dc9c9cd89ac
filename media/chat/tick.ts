/** A sign for a moment, on the button that was pressed, that what it does is done. */

const tickMs = 2_000;

/** @param button one with the icon for copying */
export function tick(button: HTMLElement): void {
  const mark = button.querySelector('.icon');
  mark?.classList.replace('icon-copy', 'icon-check');
  setTimeout(() => mark?.classList.replace('icon-check', 'icon-copy'), tickMs);
}
