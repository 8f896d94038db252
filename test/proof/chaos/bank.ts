import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../infra/bundle.ts';
import { readConfiguration } from '../../../infra/configuration.ts';
import { freePorts } from '../../../infra/local/free-ports.ts';
import { Supervisor } from '../../../infra/local/supervisor.ts';
import { createTables } from '../../../infra/local/tables.ts';
import type { TableNames } from '../../../infra/names.ts';
import { Chance } from '../chance.ts';
import { dropTables } from '../table-reader.ts';
import { RegionHost } from './region-host.ts';
import { openSaboteur, type Sabotage } from './sabotage.ts';
import type { KeyWatch, RuleWatch } from './watches.ts';

interface ChaosBankOptions {
  readonly seed: number;
  readonly sabotage: Sabotage | undefined;
  readonly rules: RuleWatch;
  readonly keys: KeyWatch;
  /** Cancels the start. What was started by then is stopped first. */
  readonly signal: AbortSignal;
}

/** A bank in two Regions on this machine, each between two proxies, on tables of its own. */
export class ChaosBank {
  readonly supervisor: Supervisor;
  readonly tables: TableNames;
  readonly #folder: string;
  readonly #regions: RegionHost[] = [];

  private constructor(supervisor: Supervisor, tables: TableNames, folder: string) {
    this.supervisor = supervisor;
    this.tables = tables;
    this.#folder = folder;
  }

  /** Starts it and waits until both Regions are up. When that fails, nothing is left running. */
  static async start(options: ChaosBankOptions): Promise<ChaosBank> {
    const { regions } = readConfiguration();
    const supervisor = await Supervisor.start({ dataFolder: null }, options.signal);
    try {
      // Names of its own, because a DynamoDB that was running already may serve others as well.
      const prefix = `chaos-${randomUUID()}`;
      const tables = await createTables({ endpoint: supervisor.endpoint, prefix });
      const folder = await mkdtemp(join(tmpdir(), 'twinbank-chaos-'));
      const bank = new ChaosBank(supervisor, tables, folder);
      await bank.#open(regions, options).catch(async (error: unknown) => {
        await bank.stop();
        throw error;
      });
      return bank;
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
  }

  async #open(names: readonly string[], options: ChaosBankOptions): Promise<void> {
    const { seed, sabotage, rules, keys, signal } = options;
    const [bundleFile, sweepFile] = await Promise.all([
      this.#bundle('../../../functions/api.ts', 'api'),
      this.#bundle('../../../functions/sweep.ts', 'sweep'),
      this.#bundle('./client-process.ts', 'client'),
    ]);
    signal.throwIfAborted();
    const ports = await freePorts();
    const saboteur = openSaboteur(sabotage, this.tables.accounts);
    const started = await Promise.allSettled(
      names.map(async (name, index) => {
        const host = await RegionHost.start({
          name,
          port: ports[index] ?? 0,
          bundleFile,
          sweepFile,
          supervisor: this.supervisor,
          tables: this.tables,
          logFile: join(this.#folder, `${name}.log`),
          saboteur,
          chance: new Chance(seed ^ (0x51ed270b + index)),
          rules,
          keys,
        });
        this.#regions[index] = host;
      }),
    );
    const failed = started.find((each) => each.status === 'rejected');
    if (failed?.status === 'rejected') {
      throw failed.reason;
    }
    signal.throwIfAborted();
  }

  /** The program of a client process, bundled into one file so that it starts fast. */
  get clientProgram(): string {
    return join(this.#folder, 'client.mjs');
  }

  async #bundle(program: string, name: string): Promise<string> {
    const outFile = join(this.#folder, `${name}.mjs`) as `${string}.mjs`;
    const entry = fileURLToPath(new URL(program, import.meta.url));
    await bundle({ entry, outFile, target: `node${Number.parseInt(process.versions.node, 10)}` });
    return outFile;
  }

  get regions(): readonly RegionHost[] {
    return this.#regions;
  }

  /** Stops everything, whatever state it is in, and deletes its tables and files. */
  async stop(): Promise<void> {
    await Promise.all(this.#regions.map((region) => region.stop()));
    await dropTables(this.supervisor.endpoint, this.tables);
    await this.supervisor.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
