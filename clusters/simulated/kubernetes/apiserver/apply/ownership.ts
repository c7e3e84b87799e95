import type { TypeSchema } from '../../model/schema.ts';

/** How one value is owned: as a whole, or by its parts. */
export type Ownership =
  | { readonly by: 'whole' }
  | { readonly by: 'fields'; readonly schema: TypeSchema }
  | { readonly by: 'entries'; readonly of: Ownership }
  | { readonly by: 'elements' }
  | { readonly by: 'keys'; readonly keys: readonly string[]; readonly of: Ownership }
  /**
   * No schema: maps by entry, lists as a whole (structured-merge-diff's DeducedParseableType). `within` knows of members that have one,
   * as those of custom resources do.
   */
  | { readonly by: 'deduction'; readonly within?: (name: string) => Ownership | undefined };
