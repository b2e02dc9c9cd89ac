/** Files and folders that are dropped on the page. */

const uriTypes = ['application/vnd.code.uri-list', 'text/uri-list'];
const mostUris = 100;

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

/** The addresses in what was dropped; `read` gives the data of a type, empty where there is none. Pure. */
export function urisIn(read: (type: string) => string): readonly string[] {
  const listed = uriTypes.map(read).find((text) => text !== '') ?? '';
  const lines = listed.split(/[\r\n]+/).filter((line) => line !== '' && !line.startsWith('#'));
  const uris = lines.length > 0 ? lines : resourceUrls(read('resourceurls'));
  return [...new Set(uris)].filter((uri) => /^[\w.+-]+:/.test(uri)).slice(0, mostUris);
}

/** Older parts of VS Code give a JSON list. */
function resourceUrls(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text === '' ? '[]' : text);
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return []; // something else was dropped
  }
}
