/** Keys that are others on another system, and how they are called there. */

interface KeyPressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * What a key is called that is pressed with the one that commands have on this computer: `Ctrl+F`, on a Mac `Cmd+F`.
 * The page is drawn where the keyboard is, also when the files and the host are elsewhere.
 */
export function withCommandKey(key: string, userAgent = navigator.userAgent): string {
  return `${/\b(Macintosh|iPad|iPhone)\b/.test(userAgent) ? 'Cmd' : 'Ctrl'}+${key}`;
}

/** What the key is called that stops an answer. */
export function stopKey(userAgent = navigator.userAgent): string {
  return isWindows(userAgent) ? 'Alt+Backspace' : withCommandKey('Escape', userAgent);
}

/**
 * The key with which VS Code stops its own chat. On Windows `Ctrl+Escape` opens the Start menu; elsewhere
 * `Alt+Backspace` deletes a word.
 */
export function isStopKey({ key, ctrlKey, metaKey, altKey }: KeyPressed, userAgent = navigator.userAgent): boolean {
  return isWindows(userAgent) ? key === 'Backspace' && altKey : key === 'Escape' && (ctrlKey || metaKey);
}

function isWindows(userAgent: string): boolean {
  return /\bWindows\b/.test(userAgent);
}
