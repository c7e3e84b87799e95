import type { Environment } from '@marcbachmann/cel-js';

/** What `sets` in `sets.contains(…)` is: cel-js has no functions with a dot in their name, so they are methods of a constant. */
class Namespace {
  readonly celNamespace: string;
  constructor(name: string) {
    this.celNamespace = name;
  }
}

/** Makes a name that functions can be registered on; returns the type to register them with. cel-js knows types by their class. */
export function declareNamespace(environment: Environment, name: string): string {
  const ctor = class extends Namespace {};
  const type = `${name}Namespace`;
  environment.registerType(type, { ctor, fields: {} }).registerConstant(name, type, new ctor(name));
  return type;
}
