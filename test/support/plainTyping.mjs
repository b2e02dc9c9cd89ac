/** How VS Code is set up for tests that type. */

/**
 * What is typed is what ends up in the document, and nothing but grey text is offered: no word lists, no closing
 * brackets, no indentation of VS Code's own.
 */
export const plainTyping = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.acceptSuggestionOnEnter': 'off',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
  'editor.minimap.enabled': false,
  'workbench.editor.enablePreview': false,
  'files.hotExit': 'off',
  'files.autoSave': 'off',
};
