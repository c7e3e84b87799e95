/** A type of the API with everything that is known of it, merged from all sources. */
export interface ModelType {
  readonly name: string;
  readonly description: string;
  /** The whole struct is one value to server-side apply. */
  readonly atomic: boolean;
  readonly fields: readonly ModelField[];
}

export interface ModelField {
  readonly name: string;
  readonly inline: boolean;
  /** As in fact-lines.ts. */
  readonly kind: string;
  readonly omit: '' | 'o' | 'z';
  readonly required: boolean;
  readonly retired: boolean;
  readonly number: number;
  readonly patchStrategy: string;
  readonly patchMergeKey: string;
  readonly listType: '' | 'atomic' | 'set' | 'map';
  readonly listMapKeys: string;
  readonly description: string;
}
