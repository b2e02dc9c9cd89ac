/** The status bar item: draws what `indicatorView` decides, once per frame at most. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { asFailure } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import type { CommandId } from '../commands.ts';
import { failureLine } from '../failureLine.ts';
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
  private readonly log: Log;
  private cancelDraw: (() => void) | undefined;
  private drawn: IndicatorView | undefined;

  constructor({ state, clock, log }: { state: () => IndicatorState; clock: Clock; log: Log }) {
    this.state = state;
    this.clock = clock;
    this.log = log;
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

  /**
   * Drawing reads every setting there is. What nobody foresaw there must not keep the commands from being registered,
   * nor leave on screen what held before.
   */
  private draw(): void {
    try {
      this.drawState();
    } catch (error) {
      this.log.error(`The item could not be drawn: ${failureLine(asFailure(error, 'unexpected'))}`);
      this.drawn = undefined;
      this.item.text = '$(warning) Paddock: see the log';
      this.item.accessibilityInformation = { label: 'Paddock: see the log', role: 'button' };
      this.item.tooltip = 'Where your code goes could not be told. The log says more.';
      this.item.command = 'paddock.showLog' satisfies CommandId;
    }
  }

  private drawState(): void {
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
