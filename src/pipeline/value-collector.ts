/**
 * Tokens of JSON documents to the values that may be events.
 *
 * A document is one value, but for lists: the elements of a top-level array, and of the `items` of a top-level object or of
 * an element of such an array, are taken out as soon as each is complete, so that a list of any length is never held whole. What remains of the document (an
 * EventList without items) is a value as well.
 */
import { Assembler } from 'stream-json/core/assembler.js';
import type { Token } from 'stream-json/core/parser.js';
import { exactNumber, JSON_DEPTH_MAX, JsonTooDeep, type JsonValue } from '../model/json.ts';

const VALUE_ENDS: ReadonlySet<Token['name']> = new Set([
  'endObject',
  'endArray',
  'stringValue',
  'numberValue',
  'nullValue',
  'trueValue',
  'falseValue',
] as const);

export class ValueCollector {
  #assembler = new ExactAssembler();
  #values: JsonValue[] = [];

  /** Whether a document has begun and not ended. */
  get isOpen(): boolean {
    return !this.#assembler.done;
  }

  /** Whether a value has begun and not ended; the list that it may be an element of does not count. */
  get isInside(): boolean {
    return this.isOpen && openList(this.#assembler) === undefined;
  }

  /** The values complete since the last call. */
  take(): JsonValue[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  /** Forgets the unfinished document; values that are complete stay. */
  reset(): void {
    this.#assembler = new ExactAssembler();
  }

  /**
   * The next token.
   * @throws JsonTooDeep where the document nests deeper than JSON_DEPTH_MAX
   */
  token(token: Token): void {
    const assembler = this.#assembler;
    assembler.consume(token);
    if (!VALUE_ENDS.has(token.name)) {
      if (assembler.depth > JSON_DEPTH_MAX) throw new JsonTooDeep();
      return;
    }
    if (assembler.done) {
      if (assembler.current !== null) this.#values.push(assembler.current);
      this.reset();
      return;
    }
    const list = openList(assembler);
    const element = list?.pop();
    if (element !== undefined) this.#values.push(element);
  }
}

/** The list that the open value belongs to, where its elements are values of their own. */
function openList({ current, stack }: Assembler<JsonValue>): JsonValue[] | undefined {
  if (!Array.isArray(current)) return undefined;
  const isTop = stack.length === 0;
  const isInArray = stack.length === 4 && Array.isArray(stack[0]);
  const isItems = (stack.length === 2 || isInArray) && stack.at(-1) === 'items';
  return isTop || isItems ? current : undefined;
}

/** Keeps integers exact, as parseJson does. */
class ExactAssembler extends Assembler<JsonValue> {
  override numberValue(text: string): void {
    // `stringValue` saves a scalar of any type as it is; its declaration knows only strings.
    // oxlint-disable-next-line typescript/unbound-method -- it is called on this very object
    Reflect.apply(this.stringValue, this, [exactNumber(text)]);
  }
}
