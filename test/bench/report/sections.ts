import type { Results } from '../results.ts';
import type { Section } from './section.ts';
import { coldStartSection } from './sections/cold-start.ts';
import { costsSection } from './sections/costs.ts';
import { deathsSection } from './sections/deaths.ts';
import { failoverSection } from './sections/failover.ts';
import { growthSection } from './sections/growth.ts';
import { throughputSection } from './sections/throughput.ts';
import { workSection } from './sections/work.ts';

/** The parts of the report, in the order in which they are told. */
export function sectionsOf(results: Results): readonly Section[] {
  return [
    workSection(results.work),
    deathsSection(results.deaths),
    throughputSection(results.throughput),
    costsSection(results.costs),
    coldStartSection(results.coldStart),
    failoverSection(results.failover),
    growthSection(results.growth),
  ];
}
