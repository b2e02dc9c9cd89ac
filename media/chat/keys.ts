/** Keys that mean the same in every field of the page. */

/**
 * Enter without Shift, and not while an input method is composing: then Enter takes what it offers. Some browsers end
 * the composing before they tell of the key, and mark it with 229 alone.
 */
export function isSendKey(event: KeyboardEvent): boolean {
  const { key, isComposing, shiftKey, altKey } = event;
  return key === 'Enter' && !shiftKey && !altKey && !isComposing && !isMarkedAsComposing(event);
}

/** A key that an input method takes for itself. */
export function isComposingKey(event: KeyboardEvent): boolean {
  return event.isComposing || isMarkedAsComposing(event);
}

function isMarkedAsComposing(event: KeyboardEvent): boolean {
  // The standard has no other name for it, and browsers keep it for this.
  return (event as { readonly keyCode?: number }).keyCode === 229;
}
