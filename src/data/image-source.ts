// A folder or a zip of images behind one interface; nothing is unpacked and nothing is held whole in memory.

/** What a source knows of a file before it is read. */
export interface FileFacts {
  /** Bytes that reading it takes. */
  readonly bytes: number;
  /** Changes when the content does: a checksum, or size and time. */
  readonly mark: string;
}

/** Read access to the files of a data set. Paths are relative, with `/`, exactly as the metadata spells them. */
export interface ImageSource {
  /** Files worth reading at a time: few from a disk, many from a server. */
  readonly parallelReads: number;
  /** Whether `about` answers from memory. */
  readonly knowsAllFiles: boolean;
  /** The file or folder name, without its path: safe to print and to keep in `dataset.json`. */
  readonly name: string;
  /** Bytes of the file `path`, owned by the caller. @throws GanDlError `missing-file`, `bad-zip`, `unsafe-path`. */
  read(path: string): Promise<Uint8Array>;
  /** What is known of the file `path` without reading it. @throws GanDlError `missing-file`, `unsafe-path`. */
  about(path: string): Promise<FileFacts>;
  /** Whether the file `path` is there. @throws GanDlError `unsafe-path`. */
  has(path: string): Promise<boolean>;
  /** Names of what lies directly in `folder` (`""` is the top); folders end in `/`. Empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Where a file of a folder lies on disk, for readers that open files themselves. @throws GanDlError `unsafe-path`. */
  localPath?(path: string): string;
  close(): Promise<void>;
}
