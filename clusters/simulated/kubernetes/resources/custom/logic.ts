import { invalid, type Findings } from '../validation/field-errors.ts';
import type { Outcome } from './outcome.ts';
import type { JsonSchema } from './schema.ts';

/** schemaPropsValidator of kube-openapi: these findings are told of no field, and name the path themselves. */
export function checkLogic(schema: JsonSchema, path: string, look: (part: JsonSchema) => Outcome): Outcome {
  const found: Findings = [];
  let looks = 0;
  const say = (text: string): void => void found.push(invalid('<nil>', '', `"${path}" must ${text}`));
  const show = (best: Outcome | undefined): void => {
    found.push(...(best?.found ?? []));
    looks += best?.looks ?? 0;
  };
  if (schema.anyOf) {
    const outcomes = schema.anyOf.map(look);
    if (!outcomes.some(holds)) {
      say('validate at least one schema (anyOf)');
      show(mostTelling(outcomes));
    }
  }
  if (schema.oneOf) {
    const outcomes = schema.oneOf.map(look);
    const holding = outcomes.filter(holds).length;
    if (holding !== 1) {
      const how = holding === 0 ? 'Found none valid' : `Found ${holding} valid alternatives`;
      say(`validate one and only one schema (oneOf). ${how}`);
      if (holding === 0) show(mostTelling(outcomes));
    }
  }
  if (schema.allOf) {
    const outcomes = schema.allOf.map(look);
    for (const outcome of outcomes) show(outcome);
    const holding = outcomes.filter(holds).length;
    if (holding < outcomes.length) {
      say(`validate all the schemas (allOf)${holding === 0 ? '. None validated' : ''}`);
    }
  }
  if (schema.not && holds(look(schema.not))) say('not validate the schema (not)');
  return { found, looks };
}

const holds = ({ found }: Outcome): boolean => found.length === 0;

/** The first of those that looked at most. */
const mostTelling = (outcomes: readonly Outcome[]): Outcome | undefined => {
  let best: Outcome | undefined;
  for (const outcome of outcomes) if (best === undefined || outcome.looks > best.looks) best = outcome;
  return best;
};
