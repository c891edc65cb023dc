import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest's order of suites: that of the project's own list, else the ones that took longest last time, or are the largest. */
export default class LongestFirst extends BaseSequencer {
  override async sort(suites: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) =>
      project.config.include.findIndex((name) => moduleId.endsWith(`/${name}`));
    const likely = await super.sort(suites);
    return likely.toSorted((a, b) => place(a) - place(b));
  }
}
