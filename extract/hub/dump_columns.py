"""The columns of a Hub dump: what they are called in the dumps, and the SQL that reads each kind of them.

Dumps come from many hands. A column may be a struct, a list, or the same as JSON text, and each of
these has an expression of its own.
"""

from typing import Final

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "modelId", "model_id"),
    "author": ("author",),
    "sha": ("sha",),
    "created_at": ("createdAt", "created_at"),
    "last_modified": ("lastModified", "last_modified"),
    "downloads": ("downloads",),
    "downloads_all_time": ("downloadsAllTime", "downloads_all_time"),
    "likes": ("likes",),
    "trending_score": ("trendingScore", "trending_score"),
    "pipeline_tag": ("pipeline_tag", "pipelineTag"),
    "library_name": ("library_name", "libraryName"),
    "gated": ("gated",),
    "private": ("private",),
    "disabled": ("disabled",),
    "tags": ("tags",),
    "base_models": ("baseModels", "base_models"),
    "card_data": ("cardData", "card_data"),
    "config": ("config",),
    "gguf": ("gguf",),
    "safetensors": ("safetensors",),
    "storage_bytes": ("usedStorage", "used_storage", "storage_bytes"),
    "siblings": ("siblings",),
    "hub_id": ("_id", "hub_id"),
}
"""What a column is called here, and in the dumps; letter case does not matter."""

# One expression for each kind of type that a column is found with. The columns have the names above.
TEXT: Final = {
    "author": "nullif(try_cast(author as varchar), '')",
    "sha": "nullif(try_cast(sha as varchar), '')",
    "pipeline_tag": "nullif(try_cast(pipeline_tag as varchar), '')",
    "library_name": "nullif(try_cast(library_name as varchar), '')",
    "hub_id": "nullif(try_cast(hub_id as varchar), '')",
    "gated": "nullif(lower(trim(try_cast(gated as varchar), '\"')), '')",
}
TRUTH: Final = {
    "private": "try_cast(private as boolean)",
    "disabled": "try_cast(disabled as boolean)",
}
NUMBER: Final = {
    "downloads": "try_cast(downloads as bigint)",
    "downloads_all_time": "try_cast(downloads_all_time as bigint)",
    "likes": "try_cast(likes as bigint)",
    "trending_score": "try_cast(trending_score as double)",
    "storage_bytes": "try_cast(storage_bytes as bigint)",
}
"""Kept where they are within COUNTER_RANGES, else null and counted."""

PARAMETERS: Final = """
    coalesce(
        nullif(try_cast(json_extract_string(safetensors, '$.total') as bigint), 0),
        nullif(try_cast(list_sum(list_transform(
            json_extract_string(safetensors, '$.parameters.*'), lambda number: try_cast(number as bigint)
        )) as bigint), 0),
        try_cast(json_extract_string(gguf, '$.total') as bigint)
    )
"""
"""Of columns that are JSON already; kept within its range too."""

TIME: Final = {
    # Texts and zoned times are read in the connection's zone, which is UTC; whole numbers are milliseconds.
    "text": {
        "created_at": "cast(try_cast(created_at as timestamp with time zone) as timestamp)",
        "last_modified": "cast(try_cast(last_modified as timestamp with time zone) as timestamp)",
    },
    "number": {
        "created_at": "cast(epoch_ms(try_cast(created_at as bigint)) as timestamp)",
        "last_modified": "cast(epoch_ms(try_cast(last_modified as bigint)) as timestamp)",
    },
    "other": {
        "created_at": "try_cast(created_at as timestamp)",
        "last_modified": "try_cast(last_modified as timestamp)",
    },
}
JSON: Final = {
    "text": {
        "base_models": "try_cast(ltrim(base_models, E' \\t\\r\\n') as json)",
        "card_data": "try_cast(card_data as json)",
        "config": "try_cast(config as json)",
        "gguf": "try_cast(gguf as json)",
        "safetensors": "try_cast(safetensors as json)",
        "siblings": "try_cast(siblings as json)",
        "tags": "try_cast(tags as json)",
    },
    "other": {
        "base_models": "to_json(base_models)",
        "card_data": "to_json(card_data)",
        "config": "to_json(config)",
        "gguf": "to_json(gguf)",
        "safetensors": "to_json(safetensors)",
        "siblings": "to_json(siblings)",
        "tags": "to_json(tags)",
    },
}
FROM_JSON: Final = {
    # What is JSON and begins with a brace is an object: to parse it again would cost seconds.
    "base_models": """
        cast(list_filter(
            case
                when base_models like '{%' and json_type(base_models, '$.models[0]') = 'VARCHAR'
                    then list_transform(
                        json_extract_string(base_models, '$.models[*]'),
                        lambda parent: {'relation': json_extract_string(base_models, '$.relation'), 'id': parent}
                    )
                when base_models like '{%'
                    then list_transform(
                        json_transform(base_models, '{"models":[{"relation":"VARCHAR","id":"VARCHAR"}]}').models,
                        lambda parent: {
                            'relation': coalesce(parent.relation, json_extract_string(base_models, '$.relation')),
                            'id': parent.id
                        }
                    )
                when json_type(base_models, '$[0]') = 'OBJECT'
                    then json_transform(base_models, '[{"relation":"VARCHAR","id":"VARCHAR"}]')
                when json_type(base_models) = 'ARRAY'
                    then list_transform(
                        json_extract_string(base_models, '$[*]'),
                        lambda parent: {'relation': cast(null as varchar), 'id': parent}
                    )
            end,
            lambda parent: parent.id <> ''
        ) as struct(relation varchar, id varchar)[])
    """,
    "card_data": """
        case when card_data like '{%' then card_data when json_type(card_data) = 'OBJECT' then card_data end
    """,
    "config": "case when config like '{%' then config when json_type(config) = 'OBJECT' then config end",
    "architecture": """
        coalesce(
            nullif(json_extract_string(config, '$.model_type'), ''),
            nullif(json_extract_string(config, '$.diffusers._class_name'), ''),
            nullif(json_extract_string(gguf, '$.architecture'), '')
        )
    """,
    "gguf": """
        case when json_type(gguf) = 'OBJECT' then json_merge_patch(gguf, '{"chat_template": null}') end
    """,
    "safetensors": "case when json_type(safetensors) = 'OBJECT' then safetensors end",
    "siblings": """
        case
            when json_type(siblings, '$[0]') = 'OBJECT' then json_extract_string(siblings, '$[*].rfilename')
            when json_type(siblings) = 'ARRAY' then json_extract_string(siblings, '$[*]')
        end
    """,
    "tags": "case when json_type(tags) = 'ARRAY' then json_extract_string(tags, '$[*]') end",
}
FILE_NAMES: Final = "list_transform(siblings, lambda file: file.rfilename)"
"""Three times faster than by JSON, where the list is one of structs as in the best known dump."""

MODEL_ID: Final = """
    case
        when id like ' %' or id like '% ' then nullif(trim(id), '')
        else nullif(id, '')
    end
"""
"""Of an id that is text. Most need no trimming, which costs a second for two million."""

AUTHOR: Final = "coalesce(author, case when model_id like '%/%' then split_part(model_id, '/', 1) end)"
UNREADABLE: Final = {
    "card_data": "count(*) filter (where card_data <> '' and try_cast(card_data as json) is null)",
    "created_at": "count(*) filter (where created_at <> '' and try_cast(created_at as timestamptz) is null)",
    "last_modified": "count(*) filter (where last_modified <> '' and try_cast(last_modified as timestamptz) is null)",
}
"""Counted only where the column is text: what could not be read and became null."""
