/** split2 4.2 with `maxLength`, `skipOverflow` and `overflow`, which its published types lack. */
declare module 'split2' {
  import type { Transform, TransformOptions } from 'node:stream';

  interface Splitter extends Transform {
    /** Whether the line being read is longer than maxLength: it is skipped to its end. */
    readonly overflow: boolean;
  }

  interface SplitOptions extends TransformOptions {
    /** How many UTF-16 code units of an unfinished line are held. */
    maxLength?: number;
    /** Skip the rest of a longer line instead of failing. */
    skipOverflow?: boolean;
  }

  export default function split2(
    matcher: string | RegExp,
    mapper: (line: string) => unknown,
    options?: SplitOptions,
  ): Splitter;
}
