/** The log: JSON lines on standard error, or lines for a person where that is a terminal. */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger. Times are RFC 3339. */
export function createLogger(level: LogLevel): Logger {
  const options = { level, timestamp: pino.stdTimeFunctions.isoTime, base: null };
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(options, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss', colorize: true }));
}
