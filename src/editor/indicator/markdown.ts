/** Words become safe in a hover here. Pure. */

/** The text, with nothing in it that Markdown, a table or an icon is made of. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$&]/g, '\\$&').replaceAll(/\s*\n\s*/g, ' ');
}
