import { FUNCTION_TIMEOUT_MS, SWEEP_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { compileRegion, Region } from '../../../infra/local/region.ts';
import type { Supervisor } from '../../../infra/local/supervisor.ts';
import type { TableNames } from '../../../infra/names.ts';
import { HttpProxy, type Passing } from '../../support/proxy.ts';
import type { Chance } from '../chance.ts';
import { FaultBoard, type Occurrence } from './conductor.ts';
import { ChaosError } from './errors.ts';
import { passNetwork, passTable } from './faults.ts';
import { isMidway, operationOf } from './operation.ts';
import { kindOf } from './plan.ts';
import type { Saboteur } from './sabotage.ts';
import type { KeyWatch, RuleWatch } from './watches.ts';

interface RegionHostOptions {
  readonly name: string;
  readonly port: number;
  readonly bundleFile: string;
  readonly sweepFile: string;
  readonly supervisor: Supervisor;
  readonly tables: TableNames;
  readonly logFile: string;
  readonly saboteur: Saboteur;
  readonly chance: Chance;
  readonly rules: RuleWatch;
  readonly keys: KeyWatch;
}

const START_TRIES = 5;
const CUT_EVERY_MS = 300;

/** One Region, whose process can be killed and frozen, between a proxy for its clients and one for its requests to DynamoDB. */
export class RegionHost {
  readonly name: string;
  readonly #board: FaultBoard;
  readonly #region: Region;
  readonly #front: HttpProxy;
  readonly #back: HttpProxy;
  readonly #cuts = new Map<Occurrence, NodeJS.Timeout>();
  /** Kills the process at the next write of a transfer. */
  #midway: Occurrence | undefined;
  /** Starts and stops of the process, one after the other. */
  #steps: Promise<void> = Promise.resolve();
  #isStopped = false;

  private constructor(
    program: string,
    parts: RegionHostOptions,
    board: FaultBoard,
    front: HttpProxy,
    back: HttpProxy,
  ) {
    this.name = parts.name;
    this.#board = board;
    this.#front = front;
    this.#back = back;
    const { supervisor } = parts;
    this.#region = new Region({
      program,
      serve: {
        region: parts.name,
        port: parts.port,
        bundleFile: parts.bundleFile,
        functionName: 'chaos-api',
        timeoutMs: FUNCTION_TIMEOUT_MS,
        sweep: {
          region: parts.name,
          bundleFile: parts.sweepFile,
          functionName: 'chaos-sweep',
          timeoutMs: SWEEP_TIMEOUT_MS,
        },
      },
      supervisor: {
        endpoint: back.url,
        guard: (pid) => supervisor.guard(pid),
        release: (pid) => supervisor.release(pid),
      },
      bank: 'chaos',
      tables: parts.tables,
      logFile: parts.logFile,
      onChange: () => undefined,
    });
  }

  static async start(parts: RegionHostOptions): Promise<RegionHost> {
    const { chance, saboteur, rules, keys, tables, supervisor } = parts;
    const board = new FaultBoard(chance);
    const front = await HttpProxy.start({
      target: `http://127.0.0.1:${parts.port}`,
      handle: (passing) => {
        keys.pass(passing);
        return passNetwork(passing, board);
      },
    });
    let host: RegionHost | undefined;
    const back = await HttpProxy.start({
      target: supervisor.endpoint,
      handle: async (passing) => {
        if (!(await host?.killMidway(passing))) {
          await passTable(passing, { strong: [tables.accounts, tables.pages], board, saboteur, rules });
        }
      },
    });
    host = new RegionHost(await compileRegion(), parts, board, front, back);
    try {
      await host.#start();
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** Where clients reach it. */
  get url(): string {
    return this.#front.url;
  }

  async begin(occurrence: Occurrence): Promise<void> {
    this.#board.begin(occurrence);
    switch (occurrence.planned.kind) {
      case 'kill':
        occurrence.hits += this.#front.inFlight;
        await this.#step(() => this.#kill());
        break;
      case 'freeze':
        occurrence.hits += this.#front.inFlight;
        await this.#step(() => {
          if (this.#region.status.state === 'up') {
            this.#region.freeze();
          }
        });
        break;
      case 'kill_transfer':
        this.#midway = occurrence;
        break;
      case 'cut':
        this.#cut(occurrence);
        this.#cuts.set(
          occurrence,
          setInterval(() => this.#cut(occurrence), CUT_EVERY_MS),
        );
        break;
      default:
    }
  }

  async end(occurrence: Occurrence): Promise<void> {
    this.#board.end(occurrence);
    clearInterval(this.#cuts.get(occurrence));
    // No transfer was written meanwhile, so this fault killed nothing. If the process is down, another fault stopped it.
    if (this.#midway === occurrence) {
      this.#midway = undefined;
      return;
    }
    if (kindOf(occurrence.planned.kind).place === 'process') {
      await this.#step(() => this.#start());
    }
  }

  /**
   * Delivers a write of a transfer and kills the process before the answer, so that it does not make the next write. Half of the
   * times that is the credit, otherwise the payer's last write.
   */
  async killMidway(passing: Passing): Promise<boolean> {
    const occurrence = this.#midway;
    const operation = operationOf(passing.headers['x-amz-target'], passing.body);
    if (occurrence === undefined || !isMidway(operation) || this.#board.chance.happens(0.5)) {
      return false;
    }
    this.#midway = undefined;
    occurrence.hits += 1;
    // One step: if the fault ended between the two, the process would be started and then killed for the rest of the run.
    await this.#step(async () => {
      await passing.deliver();
      await this.#kill();
    });
    return true;
  }

  /** Waits until all late requests are delivered. */
  async settled(): Promise<void> {
    await Promise.all([this.#front.settled(), this.#back.settled()]);
  }

  /** Stops it for good: faults that begin or end later do nothing. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#cuts.values()) {
      clearInterval(timer);
    }
    await this.#step(() => this.#region.stop()).catch(() => undefined);
    await Promise.all([this.#front.stop(), this.#back.stop()]);
  }

  #step(work: () => void | Promise<void>): Promise<void> {
    const step = this.#steps.then(work);
    this.#steps = step.catch(() => undefined);
    return step;
  }

  async #kill(): Promise<void> {
    if (this.#region.status.state !== 'down') {
      await this.#region.kill();
    }
    await this.#front.refuse();
  }

  /** Starts or thaws the process, and accepts connections again. */
  async #start(): Promise<void> {
    if (this.#isStopped) {
      return;
    }
    for (let tries = 1; this.#region.status.state === 'down'; tries += 1) {
      try {
        await this.#region.start();
      } catch (cause) {
        // While it was down, its port may have been given to another connection.
        if (tries < START_TRIES) {
          continue;
        }
        throw new ChaosError('region_lost', `${this.name} could not be started again.`, { cause });
      }
    }
    if (this.#region.status.state === 'frozen') {
      this.#region.thaw();
    }
    await this.#front.admit();
  }

  #cut(occurrence: Occurrence): void {
    occurrence.hits += this.#front.inFlight + this.#back.inFlight;
    this.#front.cut();
    this.#back.cut();
  }
}
