/** The addresses in what was dropped. Pure. */

const uriTypes = ['application/vnd.code.uri-list', 'text/uri-list'];
/** Older parts of VS Code give a JSON list. */
const listType = 'resourceurls';
const mostUris = 100;

/** Whether files are dragged, from VS Code or from elsewhere; `types`: of what is dragged. */
export function holdsFiles(types: readonly string[]): boolean {
  const fileTypes = [...uriTypes, listType, 'files'];
  return types.some((type) => fileTypes.includes(type.toLowerCase()));
}

/** `read` gives the data of a type; empty where there is none. */
export function urisIn(read: (type: string) => string): readonly string[] {
  const listed = uriTypes.map(read).find((text) => text !== '') ?? '';
  const lines = listed.split(/[\r\n]+/).filter((line) => line !== '' && !line.startsWith('#'));
  const uris = lines.length > 0 ? lines : resourceUrls(read(listType));
  return [...new Set(uris)].filter((uri) => /^[\w.+-]+:/.test(uri)).slice(0, mostUris);
}

function resourceUrls(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text === '' ? '[]' : text);
    return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  } catch {
    return []; // something else was dropped
  }
}
