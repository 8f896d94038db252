import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BuildFailure } from 'esbuild';
import { bundleFunction } from '../bundle.ts';
import {
  type Configuration,
  FUNCTION_TIMEOUT_MS,
  readConfiguration,
  SWEEP_TIMEOUT_MS,
} from '../configuration.ts';
import { functionNames } from '../names.ts';
import { firstLine, LocalBankError } from './errors.ts';
import { compileRegion, Region, type RegionStatus } from './region.ts';
import { announce, withdrawAnnouncement } from './running.ts';
import { Supervisor } from './supervisor.ts';
import { createTables } from './tables.ts';

interface LocalBankOptions {
  /** Folder that keeps the balances, for one bank at a time. Null keeps them in memory: they go with the bank. */
  readonly dataFolder: string | null;
  /** Ports on the loopback interface, one for each Region in the order of the configuration. */
  readonly ports: readonly [number, number];
  /** Bundle of the function to run. Default: that of this checkout, made anew for the Node that runs. */
  readonly bundleFile?: string | undefined;
  /** Called at the beginning of each step that takes a moment: `Starting DynamoDB Local ...`. */
  readonly onProgress?: (doing: string) => void;
  /** Called whenever the state of a Region changes, also when its process ends by itself. */
  readonly onRegion?: ((status: RegionStatus) => void) | undefined;
  /** Called with what the Regions log, as they log it. */
  readonly onLog?: ((region: string, text: string) => void) | undefined;
  /** Called when something went wrong and the bank goes on. */
  readonly onWarning?: ((error: LocalBankError) => void) | undefined;
  /** Called when the bank cannot go on. It still has to be stopped. */
  readonly onFailure?: (error: LocalBankError) => void;
  /** Aborts the start. What was started by then is stopped first. */
  readonly signal?: AbortSignal;
}

/** A whole bank on this machine: DynamoDB, the tables, and one process a Region that runs the deployed function. */
export class LocalBank {
  readonly #supervisor: Supervisor;
  readonly #regions = new Map<string, Region>();

  private constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Starts a bank and waits until both Regions answer. If that fails, nothing is left running. */
  static async start(options: LocalBankOptions): Promise<LocalBank> {
    const dataFolder = options.dataFolder === null ? null : resolve(options.dataFolder);
    const { prefix, regions } = readConfiguration();
    options.onProgress?.('Starting DynamoDB Local ...');
    const bank = new LocalBank(await Supervisor.start({ dataFolder }, options.signal));
    try {
      await bank.#open(prefix, regions, options);
      return bank;
    } catch (error) {
      await bank.stop();
      throw error;
    }
  }

  /** Starts what needs DynamoDB and the data folder, which the supervisor has claimed. */
  async #open(prefix: string, regions: Configuration['regions'], options: LocalBankOptions): Promise<void> {
    const { ports, onProgress, onRegion, onLog, onWarning, onFailure = () => {}, signal } = options;
    const { endpoint, folder } = this.#supervisor;
    this.#supervisor.onLost(onFailure);

    signal?.throwIfAborted();
    onProgress?.('Creating the tables, bundling the functions ...');
    const [tables, bundleFile, sweepFile, program] = await Promise.all([
      createTables({ endpoint, prefix: options.dataFolder === null ? `${prefix}-${randomUUID()}` : prefix }),
      options.bundleFile === undefined ? bundled('api', folder) : existing(options.bundleFile),
      bundled('sweep', folder),
      compileRegion(),
    ]);
    const names = functionNames(prefix);

    signal?.throwIfAborted();
    onProgress?.(`Starting the processes of ${regions.join(' and ')} ...`);
    const open = (region: string, port: number) => {
      const opened = new Region({
        program,
        serve: {
          region,
          port,
          bundleFile,
          functionName: names.api,
          timeoutMs: FUNCTION_TIMEOUT_MS,
          sweep: { region, bundleFile: sweepFile, functionName: names.sweep, timeoutMs: SWEEP_TIMEOUT_MS },
        },
        supervisor: this.#supervisor,
        bank: prefix,
        tables,
        logFile: join(folder, `${region}.log`),
        onChange: onRegion,
        onLog: onLog && ((text) => onLog(region, text)),
        onWarning,
      });
      this.#regions.set(region, opened);
      return opened.start();
    };
    await Promise.all([open(regions[0], ports[0]), open(regions[1], ports[1])]);
    signal?.throwIfAborted();
    await announce(folder, { endpoint, region: regions[0], bank: prefix, ...tables });
  }

  /** Where its DynamoDB answers. */
  get endpoint(): string {
    return this.#supervisor.endpoint;
  }

  /** Which DynamoDB it runs on, for people. */
  get dynamodb(): string {
    return this.#supervisor.description;
  }

  get regions(): readonly string[] {
    return [...this.#regions.keys()];
  }

  status(): readonly RegionStatus[] {
    return [...this.#regions.values()].map((region) => region.status);
  }

  /** Starts a Region that is down. */
  async start(region: string): Promise<void> {
    await this.#region(region).start();
  }

  /** SIGKILL. */
  async kill(region: string): Promise<void> {
    await this.#region(region).kill();
  }

  /** SIGSTOP. */
  freeze(region: string): void {
    this.#region(region).freeze();
  }

  /** SIGCONT. */
  thaw(region: string): void {
    this.#region(region).thaw();
  }

  /** Ends everything, in any state. The balances stay in the data folder, if there is one. */
  async stop(): Promise<void> {
    try {
      await withdrawAnnouncement(this.#supervisor.folder);
    } finally {
      await Promise.all([...this.#regions.values()].map((region) => region.stop()));
      await this.#supervisor.stop();
    }
  }

  #region(name: string): Region {
    const region = this.#regions.get(name);
    if (region === undefined) {
      throw new LocalBankError(
        'region_unknown',
        `There is no Region ${name || '""'}. The Regions are ${this.regions.join(' and ')}.`,
      );
    }
    return region;
  }
}

async function existing(bundleFile: string): Promise<string> {
  const file = resolve(bundleFile);
  try {
    await access(file);
    return file;
  } catch (cause) {
    throw new LocalBankError('bundle_failed', `There is no bundle ${file}.`, { cause });
  }
}

/** Bundles a function of this checkout for the Node that runs. */
async function bundled(name: 'api' | 'sweep', folder: string): Promise<string> {
  try {
    const target = `node${Number.parseInt(process.versions.node, 10)}` as `node${number}`;
    return await bundleFunction(name, join(folder, 'functions'), target);
  } catch (error) {
    // The message of esbuild counts the errors; the first of them says what is wrong.
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    const message = `Cannot bundle functions/${name}.ts: ${first?.text ?? firstLine(error)}`;
    throw new LocalBankError('bundle_failed', message, { cause: error });
  }
}
