import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { getContainerRuntimeClient } from 'testcontainers';
import { pause } from './started-bank.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process that runs on this machine, as `ps` lists them, without those that only wait to be reaped. */
export async function processes(): Promise<readonly ProcessInfo[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], {
    maxBuffer: 1e8,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return state === undefined || state.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** All processes below one. */
export async function descendants(pid: number): Promise<readonly ProcessInfo[]> {
  const all = await processes();
  const below = (parent: number): ProcessInfo[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

/** The processes that still run. */
export async function survivors(known: readonly ProcessInfo[]): Promise<readonly ProcessInfo[]> {
  const now = await processes();
  return known.filter(({ pid, command }) => now.some((each) => each.pid === pid && each.command === command));
}

/** The ids of containers, running or not, that hold a folder's database, on machines that have an engine. */
export async function containers(folder: string): Promise<readonly string[]> {
  const engine = await getContainerRuntimeClient().catch(() => null);
  const all = (await engine?.container.dockerode.listContainers({ all: true })) ?? [];
  return all
    .filter(({ Mounts }) => Mounts.some(({ Source }) => Source.startsWith(folder)))
    .map(({ Id }) => Id);
}

/** Waits until nothing is left of a program whose parent was killed. */
export async function untilGone(known: readonly ProcessInfo[], folder: string): Promise<void> {
  while ((await survivors(known)).length > 0 || (await containers(folder)).length > 0) {
    await pause();
  }
}

/** Ends a container from outside, as an engine that runs out of memory would. */
export async function killContainer(id: string): Promise<void> {
  const engine = await getContainerRuntimeClient();
  await engine.container.dockerode.getContainer(id).kill();
}
