/** Files and folders that are dropped on the page. */
import { holdsFiles, urisIn } from './droppedUris.ts';

/**
 * Shows where to drop while files are dragged over the page, and tells which were dropped. Text that is dragged goes
 * where text goes, as into the question.
 */
export function acceptDrops(shade: HTMLElement, onDrop: (uris: readonly string[]) => void): void {
  let depth = 0;
  const show = (isShown: boolean): void => {
    if (!isShown) depth = 0;
    shade.hidden = !isShown;
  };
  const listen = (type: 'dragenter' | 'dragleave' | 'dragover' | 'drop', act: (event: DragEvent) => void): void =>
    document.addEventListener(type, (event) => {
      if (!holdsFiles(event.dataTransfer?.types ?? [])) return;
      event.preventDefault();
      act(event);
    });
  listen('dragenter', () => {
    depth += 1;
    show(true);
  });
  listen('dragleave', () => {
    depth -= 1;
    if (depth <= 0) show(false);
  });
  listen('dragover', (event) => {
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  listen('drop', (event) => {
    show(false);
    onDrop(event.dataTransfer === null ? [] : urisIn((type) => event.dataTransfer?.getData(type) ?? ''));
  });
}
