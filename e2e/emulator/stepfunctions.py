"""Step Functions: batches and the result writer of a Distributed Map, and the limit on what passes from state to state.

ministack runs a child for each item, whatever ItemBatcher says, hands all results on, whatever ResultWriter says, and passes on
states of any size. Here the items are grouped as ItemBatcher asks, one child a batch; results and failures are written to S3 as
ResultWriter asks, as JSON Lines; the map run counts items; and a task or a child whose output is larger than 256 KiB fails.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from ministack.services import s3
from ministack.services import stepfunctions as sf

_MAX_STATE = 256 * 1024
_OURS = ("ItemReader", "ItemSelector", "ItemBatcher", "ResultWriter", "InputPath", "ResultSelector", "ResultPath", "OutputPath")


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _check_size(value: Any, what: str) -> None:
    if _size(value) > _MAX_STATE:
        raise sf._ExecutionError("States.DataLimitExceeded", f"{what} is larger than 262144 bytes")


def _items(state: dict[str, Any], effective: Any, context: dict[str, Any]) -> list[Any]:
    """Read the items, each as ItemSelector makes it."""
    items = sf._read_map_items(state["ItemReader"], effective, context)
    if "ItemSelector" not in state:
        return list(items)
    contexts = (context | {"Map": {"Item": {"Index": i, "Value": item}}} for i, item in enumerate(items))
    return [sf._resolve_params_obj(state["ItemSelector"], effective, item_context) for item_context in contexts]


def _batches(items: list[Any], batcher: dict[str, Any]) -> Iterator[list[Any]]:
    """Group items: no more of them, and of their bytes, than the batcher allows."""
    batch: list[Any] = []
    size = 0
    for item in items:
        grown = size + _size(item)
        if batch and (len(batch) == batcher["MaxItemsPerBatch"] or grown > batcher["MaxInputBytesPerBatch"]):
            yield batch
            batch, grown = [], _size(item)
        batch, size = [*batch, item], grown
    if batch:
        yield batch


def _children(map_run: str) -> list[dict[str, Any]]:
    return [child for child in sf._executions.values() if child.get("mapRunArn") == map_run]


def _count_items(run: dict[str, Any], children: list[dict[str, Any]], total: int) -> None:
    """Let the map run tell of items where it told of batches."""
    counts = dict.fromkeys(run["itemCounts"], 0) | {"total": total}
    for child in children:
        counts[child["status"].lower()] += len(json.loads(child["input"])["Items"])
    counts["resultsWritten"] = counts["succeeded"]
    run["itemCounts"] = counts


def _write(writer: dict[str, Any], effective: Any, context: dict[str, Any], children: list[dict[str, Any]]) -> dict[str, str]:
    """Write results, failures and the manifest, and return where the manifest is."""
    if writer["WriterConfig"] != {"OutputType": "JSONL", "Transformation": "FLATTEN"}:
        raise sf._ExecutionError("States.ResultWriterFailed", f"the start wrapper does not know {writer['WriterConfig']}")
    where = sf._resolve_params_obj(writer["Parameters"], effective, context)
    folder = f"{where['Prefix']}/{uuid.uuid4()}"
    succeeded = [row for child in children if child["status"] == "SUCCEEDED" for row in json.loads(child["output"])]
    told = {"ExecutionArn": "executionArn", "Input": "input", "Status": "status", "Error": "error", "Cause": "cause"}
    failed = [{name: child[key] for name, key in told.items()} for child in children if child["status"] == "FAILED"]
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}

    def put(key: str, body: bytes) -> None:
        status, *_ = s3._put_object(where["Bucket"], key, body, {})
        if status != 200:
            raise sf._ExecutionError("States.ResultWriterFailed", f"cannot write {key} to {where['Bucket']}: {status}")

    for kind, rows in (("SUCCEEDED", succeeded), ("FAILED", failed)):
        if rows:
            key = f"{folder}/{kind}_0.jsonl"
            body = "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows).encode()
            put(key, body)
            files[kind].append({"Key": key, "Size": len(body)})
    put(f"{folder}/manifest.json", json.dumps({"DestinationBucket": where["Bucket"], "ResultFiles": files}).encode())
    return {"Bucket": where["Bucket"], "Key": f"{folder}/manifest.json"}


def _batched(original: Any) -> Any:
    """Wrap the running of a Distributed Map."""

    def run_map(state: dict[str, Any], raw: Any, effective: Any, processor: Any, execution: Any, context: dict[str, Any]) -> Any:
        if not {"ItemReader", "ItemBatcher", "ResultWriter"} <= state.keys():
            return original(state, raw, effective, processor, execution, context)
        items = _items(state, effective, context)
        added = sf._resolve_params_obj(state["ItemBatcher"].get("BatchInput", {}), effective, context)
        batches = [{"Items": batch, "BatchInput": added} for batch in _batches(items, state["ItemBatcher"])]
        for batch in batches:
            _check_size(batch, "a batch")
        bare = {key: value for key, value in state.items() if key not in _OURS} | {"ItemsPath": "$"}
        before = set(sf._map_runs)
        parent = execution["executionArn"]
        failure: Exception | None = None
        try:
            original(bare, raw, batches, processor, execution, context)
        except sf._ExecutionError as error:
            failure = error
        run = next(run for arn, run in sf._map_runs.items() if arn not in before and run["executionArn"] == parent)
        children = _children(run["mapRunArn"])
        _count_items(run, children, len(items))
        written = _write(state["ResultWriter"], effective, context, children)
        print(f"Step Functions: {len(items)} items in {len(batches)} batches; results are in {written['Key']}", flush=True)
        if failure:
            raise failure
        result = sf._apply_result_selector(state, {"MapRunArn": run["mapRunArn"], "ResultWriterDetails": written})
        return sf._apply_output_path(state, sf._apply_result_path(state, raw, result), context), sf._next_or_end(state)

    return run_map


def _limited(original: Any, what: str, output: Any) -> Any:
    """Wrap what runs a state, or a child, so that its output is limited."""

    def run(*arguments: Any) -> Any:
        result = original(*arguments)
        _check_size(output(result), what)
        return result

    return run


def apply() -> list[str]:
    """Change how a Distributed Map runs."""
    sf._run_distributed_map = _batched(sf._run_distributed_map)
    sf._execute_task = _limited(sf._execute_task, "the output of a task", lambda result: result[0])
    sf._run_sub_machine = _limited(sf._run_sub_machine, "the output of a child", lambda result: result)
    return [
        "a Distributed Map batches its items and writes results to S3, as ItemBatcher and ResultWriter say (it ignores both)",
        "an output of a state machine's task, and of a child, is limited to 256 KiB (it has no limit)",
    ]
