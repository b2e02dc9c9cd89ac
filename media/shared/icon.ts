/** VS Code's own icons, drawn beside words that say the same. */
import { html, type TemplateResult } from 'lit';

/** Icons of shared/icons.css. */
export type IconName =
  | 'add'
  | 'arrow-down'
  | 'arrow-up'
  | 'book'
  | 'check'
  | 'chevron-down'
  | 'chevron-left'
  | 'chevron-right'
  | 'clear-all'
  | 'close'
  | 'cloud'
  | 'code'
  | 'comment-discussion'
  | 'copy'
  | 'debug-stop'
  | 'device-desktop'
  | 'edit'
  | 'error'
  | 'export'
  | 'eye'
  | 'file'
  | 'folder'
  | 'git-compare'
  | 'git-merge'
  | 'history'
  | 'info'
  | 'insert'
  | 'list-selection'
  | 'loading'
  | 'lock'
  | 'mention'
  | 'new-file'
  | 'pin'
  | 'pinned'
  | 'question'
  | 'radio-tower'
  | 'refresh'
  | 'search'
  | 'server'
  | 'symbol-misc'
  | 'trash'
  | 'verified'
  | 'warning';

/** An icon for the eye only: what it means is said in the label of the button around it. */
export function icon(name: IconName, extraClass = ''): TemplateResult {
  return html`<span class="icon icon-${name} ${extraClass}" aria-hidden="true"></span>`;
}
