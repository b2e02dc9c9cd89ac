/** Grey texts that should not have been shown are found here, among all that were. */

/** A rest this short may well be right by chance: `)` after another word. */
const tellingLength = 6;

/**
 * Grey texts that did not belong to the line they were drawn into: the line was not (yet) part of what was typed,
 * something followed on the line, or the grey text of a moment before was still there although the line had gone on differently.
 * @param {readonly import('../e2e/inPage.mjs').Shown[]} shown in order
 * @param {readonly string[]} typedLines every line of the text that was typed
 */
export function staleAmong(shown, typedLines) {
  return shown.filter((now, index) => {
    if (now.line === undefined) return false;
    if (now.after !== '' || !typedLines.some((typed) => typed.startsWith(String(now.line)))) return true;
    const before = shown[index - 1];
    return (
      now.isNext === true &&
      before?.line !== undefined &&
      isLeftOver(now.ghost, String(now.line), before.ghost, before.line)
    );
  });
}

/**
 * @param {string} ghost
 * @param {string} line
 * @param {string} ghostBefore
 * @param {string} lineBefore
 */
function isLeftOver(ghost, line, ghostBefore, lineBefore) {
  if (line === lineBefore || !line.startsWith(lineBefore)) return false;
  if (ghost === ghostBefore) return true;
  // `k` goes on with `Kelvin` for most models.
  const typed = line.slice(lineBefore.length).toLowerCase();
  const isAsSuggested = ghostBefore.toLowerCase().startsWith(typed);
  return !isAsSuggested && ghost.length >= tellingLength && ghostBefore.endsWith(ghost);
}
