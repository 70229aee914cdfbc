"""Makes the parquet files beside it: what other writers do that ours of the tests does not. Run: python make.py (pyarrow 25)."""

import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
texts = [None if row % 5 == 4 else f"Text {row} of the fixture, with an ä and an 👩. " + "word " * (row % 7) for row in range(60)]
table = pa.table(
    {
        "id": pa.array(range(60)),
        "text": pa.array(texts, pa.string()),
        "word": pa.array([["one", "two", "three"][row % 3] for row in range(60)]),
        "body": pa.array([None if row % 4 == 3 else {"text": texts[row], "n": row} for row in range(60)]),
        "list": pa.array([["a", "b"] for _ in range(60)]),
        "bytes": pa.array([b"\xff\x00" for _ in range(60)], pa.binary()),
    }
)
for codec, version in [("snappy", "1.0"), ("zstd", "2.0"), ("gzip", "1.0"), ("brotli", "2.0"), ("lz4", "1.0")]:
    pq.write_table(
        table,
        here / f"{codec}.parquet",
        row_group_size=25,
        compression=codec,
        data_page_version=version,
        data_page_size=300,
        use_dictionary=["word"],
        write_batch_size=4,
    )
