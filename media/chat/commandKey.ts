/** How keys are called that are pressed with the command key. */

/**
 * What a key is called that is pressed with the one that commands have on this computer: `Ctrl+F`, on a Mac `Cmd+F`.
 * The page is drawn where the keyboard is, also when the files and the host are elsewhere.
 */
export function withCommandKey(key: string, userAgent = navigator.userAgent): string {
  return `${/\b(Macintosh|iPad|iPhone)\b/.test(userAgent) ? 'Cmd' : 'Ctrl'}+${key}`;
}
