import { parentPort } from "node:worker_threads";
import { runJob, type Job } from "./job.ts";

/** A thread that counts one job after the other. */
parentPort?.on("message", (job: Job) => parentPort?.postMessage(runJob(job), []));
