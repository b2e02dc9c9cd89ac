/** Which language the copy that shows an edit is in. Pure. */

/**
 * Languages that VS Code's own extensions check in every document, whatever its address. Old and new lines laid over each
 * other are no program, and what they would find is no problem of the user's.
 */
export const uncheckedLanguages: readonly string[] = [
  ...['typescript', 'typescriptreact', 'javascript', 'javascriptreact'],
  ...['json', 'jsonc', 'css', 'scss', 'less', 'html'],
];

/** The language of a copy: one of the manifest's that has the same colours and no checker, or the document's own. */
export function copyLanguage(language: string): string {
  return uncheckedLanguages.includes(language) ? `paddock-edit-${language}` : language;
}
