import type { Digest } from "../../oci/digest";
import { isRepositoryName } from "../../oci/reference";
import { RegistryError } from "../../registry-client/answers";
import type { RegistryClient } from "../../registry-client/registry-client";

/** A mount saves bytes; finding one costs a request for each repository asked. */
const MAX_QUESTIONS = 200;
const MAX_REPOSITORIES = 1000;

/** Looks for another repository of the same registry that can really serve a blob. */
export class MountFinder {
  private repositories: Promise<readonly string[]> | null = null;
  private questions = 0;

  constructor(private readonly client: RegistryClient) {}

  /** The neighbours of the repository first; null where none has it, or too many were asked already. */
  async find(repository: string, digest: Digest, size: number): Promise<string | null> {
    this.repositories ??= this.list();
    const namespace = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1);
    const others = (await this.repositories).filter((name) => name !== repository);
    const near = others.filter((name) => namespace(name) === namespace(repository));
    for (const name of new Set([...near, ...others])) {
      if (this.questions >= MAX_QUESTIONS) return null;
      this.questions += 1;
      if (await this.serves(name, digest, size)) return name;
    }
    return null;
  }

  private async serves(repository: string, digest: Digest, size: number): Promise<boolean> {
    try {
      return (await this.client.blob(repository, digest, size, "range")).kind === "present";
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  }

  /** A registry without a catalogue has no neighbours that we could know of. */
  private async list(): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const page of this.client.catalogue()) {
        names.push(...page.filter(isRepositoryName));
        if (names.length >= MAX_REPOSITORIES) break;
      }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
    return names.slice(0, MAX_REPOSITORIES).sort();
  }
}
