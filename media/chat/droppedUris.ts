/** The addresses in what was dropped. Pure. */

const uriTypes = ['application/vnd.code.uri-list', 'text/uri-list'];
const mostUris = 100;

/** `read` gives the data of a type; empty where there is none. */
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
