export { chanceFrom, upTo } from '../../client/load/workload.ts';
