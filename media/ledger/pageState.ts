/** What the page knows now, and what it wants to see. */
import type { Look, PageAction, RequestRecord, Sections, ToPage } from '../../src/ledger/protocol.ts';

/** What the chart draws. */
export type Measure = 'spend' | 'tokens';

export interface PageState {
  readonly look: Look;
  /** As far as the host has sent them. */
  readonly sections: Partial<Sections>;
  /** So many lines of the ledger were read; `undefined`: it is not being read. */
  readonly readLines: number | undefined;
  readonly failure: string | undefined;
  /** `undefined`: whatever there is to see. */
  readonly measure: Measure | undefined;
  readonly isChartTable: boolean;
  /** How wide the chart is, CSS pixels. */
  readonly plotWidth: number;
  /** Index of the bar that is pointed at. */
  readonly pointedBar: number | undefined;
  /** Id of the request whose record is open. */
  readonly openId: string | undefined;
  /** `undefined`: it was asked for; `null`: the request is gone. */
  readonly record: RequestRecord | null | undefined;
  /** Row that the arrow keys are at. */
  readonly activeId: string | undefined;
  /** The user changed the look, and the answer has not come. */
  readonly isAwaited: boolean;
  /** Said to those who listen, when an answer came. */
  readonly announcement: string;
}

/** What is kept over a reload. */
export type Kept = Pick<PageState, 'look' | 'measure' | 'isChartTable'>;

/** What the parts of the page can do. */
export interface PageControls {
  /** Asks to see something else; the table begins at its first row unless told otherwise. */
  readonly look: (change: Partial<Look>) => void;
  readonly act: (action: PageAction) => void;
  /** Opens a request's record, or closes the open one. */
  readonly toggle: (id: string) => void;
  readonly copy: (id: string) => void;
  /** What the page knows, also what is not drawn yet. */
  readonly now: () => PageState;
  /** Changes what the page alone knows. */
  readonly change: (change: Partial<PageState>) => void;
}

const firstLook: Look = {
  period: 'month',
  fromDay: '',
  toDay: '',
  model: '',
  route: '',
  purpose: '',
  outcome: '',
  text: '',
  firstRow: 0,
  compared: '',
};

/** @param kept what the page kept before, if it is of this version. */
export function stateAtStart(kept: Partial<Kept> | undefined): PageState {
  return {
    look: { ...firstLook, ...kept?.look },
    sections: {},
    readLines: 0,
    failure: undefined,
    measure: kept?.measure,
    isChartTable: kept?.isChartTable ?? false,
    plotWidth: 900,
    pointedBar: undefined,
    openId: undefined,
    record: undefined,
    activeId: undefined,
    isAwaited: false,
    announcement: '',
  };
}

/** The state after the host said something about the ledger. */
export function heard(state: PageState, message: Exclude<ToPage, { kind: 'find' }>): PageState {
  switch (message.kind) {
    case 'reading':
      return { ...state, readLines: message.lines, failure: undefined };
    case 'shown': {
      const sections = { ...state.sections, ...message.sections };
      const announcement = state.isAwaited ? (sections.rows?.words ?? '') : state.announcement;
      return { ...state, sections, readLines: undefined, failure: undefined, isAwaited: false, announcement };
    }
    case 'record':
      return message.id === state.openId ? { ...state, record: message.record ?? null } : state;
    case 'failed':
      return { ...state, readLines: undefined, failure: message.message };
  }
}

/** Nothing is filtered away. */
export function isUnfiltered({ model, route, purpose, outcome, text }: Look): boolean {
  return [model, route, purpose, outcome, text].every((wish) => wish === '');
}

export const noFilters = { model: '', route: '', purpose: '', outcome: '', text: '' } as const;
