import type { ChaosBank } from './bank.ts';
import type { ClientHost } from './client-host.ts';
import type { Conductor } from './conductor.ts';

/** What a run has started, so that all of it is stopped however the run ends. */
export class Started {
  /** Kept before it is known whether it starts. */
  bank: Promise<ChaosBank> | undefined;
  clients: readonly ClientHost[] = [];
  conductor: Conductor | undefined;

  /** Stops everything, first what needs the rest. A bank that is still starting is waited for. */
  async stop(): Promise<void> {
    this.conductor?.stop();
    await Promise.all(this.clients.map((client) => client.stop()));
    const bank = await this.bank?.catch(() => undefined);
    await bank?.stop();
  }
}
