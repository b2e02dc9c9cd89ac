/** A starter model is fetched here for somebody who asked for it, with a bar to watch and to stop, and then used. */
import type * as vscode from 'vscode';
import { asFailure } from '../../base/failure.ts';
import type { Destination, Gate, Passage } from '../../egress/gate.ts';
import type { Role } from '../../models/model.ts';
import { fetchModel } from '../../weights/fetch.ts';
import { starters, type Starter } from '../../weights/starters.ts';
import { roles as allRoles, type Choice } from './choice.ts';
import { showList, type ListNeeds } from '../list.ts';
import { starterRow } from './modelRows.ts';
import { inNotification } from '../progress.ts';

/** What fetching needs. */
export interface StarterNeeds extends ListNeeds {
  readonly window: ListNeeds['window'] & Pick<typeof vscode.window, 'withProgress' | 'showInformationMessage'>;
  readonly gate: Pick<Gate, 'open'>;
  readonly choice: Pick<Choice, 'modelFor'>;
  /** Sets the model of the roles as if the user had picked it. */
  readonly use: (roles: readonly Role[], ref: string) => Promise<unknown>;
  /** Absolute path of the folder for fetched models. */
  readonly folder: string;
}

interface Taking {
  readonly roles: readonly Role[];
  /** What the roles had when the download began. */
  readonly before: string;
  readonly ref: string;
}

/** Fetches starter models, each at most once at a time. */
export class StarterModels {
  private readonly needs: StarterNeeds;
  private readonly running = new Set<Starter['id']>();

  constructor(needs: StarterNeeds) {
    this.needs = needs;
  }

  /** Lets the user pick one; it becomes the model of both roles. */
  async pickAndFetch(): Promise<void> {
    const rows = starters.map(starterRow);
    const answer = await showList(this.needs, {
      title: 'Paddock: Get Starter Model',
      placeHolder: 'A model file to begin with; it runs on this computer',
      hasBack: false,
      shown: { rows, isBusy: false },
    });
    if (answer.kind === 'picked' && answer.pick.kind === 'fetch') await this.fetch(answer.pick.starter, allRoles);
  }

  /**
   * Fetches a model and sets it for the roles, unless the user picked another meanwhile: then they are asked. Stopping keeps what has arrived for the next time and changes nothing
   * else. Throws `Failure` as `fetchModel` does.
   */
  async fetch(starter: Starter, roles: readonly Role[]): Promise<void> {
    const { window } = this.needs;
    if (this.running.has(starter.id)) {
      void window.showInformationMessage(`Paddock: ${starter.name} is on its way already.`);
      return;
    }
    this.running.add(starter.id);
    const before = this.chosen(roles);
    let file: string | undefined;
    try {
      file = await window.withProgress(
        { location: inNotification, title: `Paddock: getting starter model ${starter.name}`, cancellable: true },
        (progress, cancelled) => this.run(starter, progress, cancelled),
      );
    } finally {
      this.running.delete(starter.id);
    }
    if (file !== undefined) await this.take(starter, { roles, before, ref: `embedded:${file}` });
  }

  private chosen(roles: readonly Role[]): string {
    return JSON.stringify(roles.map((role) => this.needs.choice.modelFor(role)?.id ?? ''));
  }

  private async take({ name }: Starter, { roles, before, ref }: Taking): Promise<void> {
    const { window, use } = this.needs;
    const useIt = 'Use It';
    const isUnchanged = this.chosen(roles) === before;
    if (isUnchanged || (await window.showInformationMessage(`Paddock: ${name} is here.`, useIt)) === useIt) {
      await use(roles, ref);
    }
  }

  private async run(
    starter: Starter,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    cancelled: vscode.CancellationToken,
  ): Promise<string | undefined> {
    const stop = new AbortController();
    cancelled.onCancellationRequested(() => stop.abort());
    const { folder, gate } = this.needs;
    const onProgress = percentTeller(starter, progress);
    const openPassage = (url: string, signal: AbortSignal): Promise<Passage> => openDownload(gate, url, signal);
    try {
      return await fetchModel({ starter, folder, openPassage, onProgress }, stop.signal);
    } catch (error) {
      const failure = asFailure(error, 'unexpected', 'showLog');
      if (failure.kind === 'aborted') return undefined;
      throw failure;
    }
  }
}

/** One hop of a download: an errand the user asked for, without a key. */
function openDownload(gate: Pick<Gate, 'open'>, url: string, signal: AbortSignal): Promise<Passage> {
  const destination: Destination = { url, auth: 'none', nature: 'unknown', isMetered: false };
  const purpose = { role: 'download', initiator: 'user' } as const;
  return gate.open({ purpose, model: undefined, destination, items: [], signal });
}

/** Tells the bar when another percent is there, and not with every piece of a gigabyte. */
function percentTeller(
  { bytes }: Starter,
  progress: vscode.Progress<{ message?: string; increment?: number }>,
): (doneBytes: number) => void {
  let told = -1;
  return (doneBytes) => {
    const percent = Math.floor((doneBytes / bytes) * 100);
    if (percent === told) return;
    const increment = percent - Math.max(0, told);
    told = percent;
    progress.report({ message: `${percent}% · ${megabytes(doneBytes)} of ${megabytes(bytes)} MB`, increment });
  };
}

function megabytes(bytes: number): string {
  return Math.floor(bytes / 1e6).toLocaleString('en-US');
}
