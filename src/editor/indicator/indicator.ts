/** The status bar item: draws what `indicatorView` decides, once per frame at most. */
import type * as vscode from 'vscode';
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

/** VS Code's own values, as far as the item is made of them. */
export type IndicatorParts = Pick<typeof vscode, 'StatusBarAlignment' | 'MarkdownString' | 'ThemeColor'> & {
  readonly window: Pick<typeof vscode.window, 'createStatusBarItem'>;
};

/** What the item needs. */
export interface IndicatorNeeds {
  readonly vscode: IndicatorParts;
  readonly state: () => IndicatorState;
  readonly clock: Clock;
  readonly log: Log;
}

/** The item. It knows no sums: it is told when something changed and asks for the state to draw. */
export class Indicator implements Disposable {
  private readonly store = new Store();
  private readonly item: vscode.StatusBarItem;
  private readonly needs: IndicatorNeeds;
  private cancelDraw: (() => void) | undefined;
  private drawn: IndicatorView | undefined;

  constructor(needs: IndicatorNeeds) {
    this.needs = needs;
    const { window, StatusBarAlignment } = needs.vscode;
    this.item = this.store.add(window.createStatusBarItem('paddock', StatusBarAlignment.Right, 100));
    this.item.name = 'Paddock';
    this.store.add(onEnd(() => this.cancelDraw?.()));
    this.draw();
    this.item.show();
  }

  /** Draws within one frame. */
  readonly changed = (): void => {
    this.cancelDraw ??= this.needs.clock.schedule(frameMs, () => {
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
      this.needs.log.error(`The item could not be drawn: ${failureLine(asFailure(error, 'unexpected'))}`);
      this.drawn = undefined;
      this.item.text = '$(warning) Paddock: see the log';
      this.item.accessibilityInformation = { label: 'Paddock: see the log', role: 'button' };
      this.item.tooltip = 'Where your code goes could not be told. The log says more.';
      this.item.command = 'paddock.showLog' satisfies CommandId;
    }
  }

  private drawState(): void {
    const { item, drawn, needs } = this;
    const { MarkdownString, ThemeColor } = needs.vscode;
    const view = indicatorView(needs.state());
    this.drawn = view;
    item.command = view.command;
    if (view.text !== drawn?.text) item.text = view.text;
    if (view.accessibleName !== drawn?.accessibleName) {
      item.accessibilityInformation = { label: view.accessibleName, role: 'button' };
    }
    if (view.isColoured !== drawn?.isColoured) {
      item.backgroundColor = view.isColoured ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    }
    if (view.hover === drawn?.hover) return; // setting it again would close an open hover
    const hover = new MarkdownString(view.hover, true);
    hover.isTrusted = { enabledCommands: hoverCommands };
    item.tooltip = hover;
  }
}
