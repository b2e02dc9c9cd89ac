/** The status bar item: draws what `indicatorView` decides, once per frame at most. */
import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { onEnd, Store, type Disposable } from '../base/store.ts';
import { hoverCommands } from './indicatorHover.ts';
import type { IndicatorState } from './indicatorState.ts';
import { indicatorView, type IndicatorView } from './indicatorView.ts';

/** One frame of the screen, ms: changes within it are drawn together. */
const frameMs = 16;

/** The item. It knows no sums: it is told when something changed and asks for the state to draw. */
export class Indicator implements Disposable {
  private readonly store = new Store();
  private readonly item: vscode.StatusBarItem;
  private readonly state: () => IndicatorState;
  private readonly clock: Clock;
  private cancelDraw: (() => void) | undefined;
  private drawn: IndicatorView | undefined;

  constructor({ state, clock }: { state: () => IndicatorState; clock: Clock }) {
    this.state = state;
    this.clock = clock;
    this.item = this.store.add(vscode.window.createStatusBarItem('paddock', vscode.StatusBarAlignment.Right, 100));
    this.item.name = 'Paddock';
    this.store.add(onEnd(() => this.cancelDraw?.()));
    this.draw();
    this.item.show();
  }

  /** Draws within one frame. */
  readonly changed = (): void => {
    this.cancelDraw ??= this.clock.schedule(frameMs, () => {
      this.cancelDraw = undefined;
      this.draw();
    });
  };

  dispose(): void {
    this.store.dispose();
  }

  private draw(): void {
    const view = indicatorView(this.state());
    const { item, drawn } = this;
    this.drawn = view;
    item.command = view.command;
    if (view.text !== drawn?.text) item.text = view.text;
    if (view.accessibleName !== drawn?.accessibleName) {
      item.accessibilityInformation = { label: view.accessibleName, role: 'button' };
    }
    if (view.isError !== drawn?.isError) {
      item.backgroundColor = view.isError ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    }
    if (view.hover === drawn?.hover) return; // setting it again would close an open hover
    const hover = new vscode.MarkdownString(view.hover, true);
    hover.isTrusted = { enabledCommands: hoverCommands };
    item.tooltip = hover;
  }
}
