/** Files and folders that are dropped on the page. */
import { urisIn } from './droppedUris.ts';

/** Shows where to drop while something is dragged over the page, and tells what was dropped. */
export function acceptDrops(shade: HTMLElement, onDrop: (uris: readonly string[]) => void): void {
  let depth = 0;
  const show = (isShown: boolean): void => {
    if (!isShown) depth = 0;
    shade.hidden = !isShown;
  };
  document.addEventListener('dragenter', (event) => {
    event.preventDefault();
    depth += 1;
    show(true);
  });
  document.addEventListener('dragleave', () => {
    depth -= 1;
    if (depth <= 0) show(false);
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    show(false);
    onDrop(event.dataTransfer === null ? [] : urisIn((type) => event.dataTransfer?.getData(type) ?? ''));
  });
}
