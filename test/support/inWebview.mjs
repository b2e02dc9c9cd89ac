/** What runs inside a webview's page in tests. Every function here must be self-contained. */
/* global MutationObserver */

/**
 * Dresses the page as VS Code does: before anything else of it, and again when the theme changes.
 * @param {{ bodyClass: string, themeKind: string, themeId: string, variables: Readonly<Record<string, string>>,
 *   state: unknown }} given `state`: what `getState` gives; `undefined`: the page is open already
 */
export function dress({ bodyClass, themeKind, themeId, variables, state }) {
  const dressRoot = () => {
    const { style } = document.documentElement;
    for (const name of [...style]) if (name.startsWith('--')) style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
  };
  const dressBody = () => {
    document.body.classList.remove(...[...document.body.classList].filter((each) => each.startsWith('vscode-')));
    document.body.classList.add(...bodyClass.split(' '));
    Object.assign(document.body.dataset, { vscodeThemeKind: themeKind, vscodeThemeId: themeId });
  };
  if (document.documentElement) dressRoot();
  if (document.body) dressBody();
  else {
    const observer = new MutationObserver(() => {
      if (!document.body) return;
      observer.disconnect();
      dressRoot();
      dressBody();
    });
    observer.observe(document, { childList: true, subtree: true });
  }
  if (state === undefined) return;
  window.keptState = state ?? undefined;
  const api = {
    postMessage: (message) => void window.tellHost(message),
    getState: () => window.keptState,
    setState: (kept) => (window.keptState = kept),
  };
  window.acquireVsCodeApi = () => api;
}

/** @param {unknown} message as from the host */
export function post(message) {
  window.postMessage(message, '*');
}

export function keptState() {
  return window.keptState;
}

/** Asks axe, whose source was run before. */
export async function violations() {
  const { violations: found } = await window.axe.run(document);
  return found.map(({ id, help, nodes }) => ({
    rule: id,
    help,
    where: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
  }));
}
