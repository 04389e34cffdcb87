import type { ShellCommand } from "../documents/shell-commands";

/** Of one file, for each: no honest file comes near, and the rules look at every one of them. */
export const MAX_JUDGED = 5_000;

/** Only these count: a long program that has nothing to do with a registry is read whole. */
const OF_REGISTRY = /garbage-collect|_manifests|\/v2\/|\/packages\/|registry/i;

/** What is left to judge of one file. */
export class FileBudget {
  private commands = MAX_JUDGED;
  private documents = MAX_JUDGED;
  private firstLeftOut: { readonly line: number; readonly text: string } | null = null;

  /** The commands up to the file's limit. */
  takeCommands(commands: readonly ShellCommand[]): readonly ShellCommand[] {
    return commands.filter(({ text, line }) => {
      if (!OF_REGISTRY.test(text)) return true;
      this.commands -= 1;
      return this.commands >= 0 || this.leaveOut(line, "commands");
    });
  }

  /** Whether a document that begins on that line is still to be judged. */
  takeDocument(line: number): boolean {
    this.documents -= 1;
    return this.documents >= 0 || this.leaveOut(line, "documents");
  }

  /** The first that was left out; null where the file was judged whole. */
  get excess(): { readonly line: number; readonly text: string } | null {
    return this.firstLeftOut;
  }

  private leaveOut(line: number, what: string): false {
    this.firstLeftOut ??= {
      line,
      text: `too many ${what}: only the first ${MAX_JUDGED} of the file were judged`,
    };
    return false;
  }
}
