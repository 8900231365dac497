{#-
    Sizes, words, formats and owners are read from names as people write them. Candidate parents and suspect full
    overlaps rely on it. When it fails, a pattern in macros/model_names.sql or in the seed quantization_formats was
    broken, or an engine reads it otherwise.
-#}
with

named as (
    {% for model_id, params, n_words, plain_name, is_named_after_owner in [
        ('Qwen/Qwen2.5-0.5B-Instruct', '0.5e9', 4, '-qwen2.5-0.5b-instruct-', 'true'),
        ('bigscience/bloomz-1b7', '1.7e9', 3, '-bloomz-1b7-', 'false'),
        ('google/gemma-3-270m', '270e6', 3, '-gemma-3-270m-', 'false'),
        ('Qwen/Qwen3-Horror-262K-ctx-4B', '4e9', 7, '-qwen3-horror-262k-ctx-4b-', 'true'),
        ('TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF', '1.1e9', 6, '-tinyllama-1.1b-chat-v1.0-', 'false'),
        ('someone/Model-4bit', 'null', 3, '-model-', 'false'),
        ('RedHatAI/Model-7B-W8A8', '7e9', 6, '-model-7b-', 'false'),
        ('meta-llama/Llama-3.1-8B', '8e9', 3, '-llama-3.1-8b-', 'true'),
        ('mistralai/Mistral-7B-v0.1', '7e9', 4, '-mistral-7b-v0.1-', 'true'),
        ('abc/abc-1B', '1e9', 2, '-abc-1b-', 'false'),
        ('gpt2', 'null', 2, '-gpt2-', 'false'),
        ('TinyLlama-1.1B-Chat-v1.0.Q4_K_M', '1.1e9', 9, '-tinyllama-1.1b-chat-v1.0-', 'false'),
        ('gemma-3-1b-it_iq3_xxs', '1e9', 7, '-gemma-3-1b-it-', 'false'),
        ('Model iq4xs', 'null', 4, '-model-', 'false'),
        ('MODEL-bf16', 'null', 3, '-model-', 'false'),
        ('o/X-8B-i1-GGUF', '8e9', 5, '-x-8b-', 'false'),
        ('o/X-8B-UD-Q4_K_XL-GGUF', '8e9', 8, '-x-8b-', 'false'),
        ('o/X-8B-gguf-awq-int4-ov-fp8-dynamic', '8e9', 10, '-x-8b-', 'false'),
        ('o/X-8B-4.65bpw-h6-exl2', '8e9', 8, '-x-8b-', 'false'),
        ('o/X-7B-GPTQ-4bit-128g-actorder', '7e9', 8, '-x-7b-', 'false'),
        ('o/X-q4f16_1-MLC', 'null', 7, '-x-', 'false'),
        ('o/GGUF', 'null', 1, '-gguf-', 'false'),
        ('q-future/Q-Align', 'null', 2, '-q-align-', 'false'),
        ('o/iq-test', 'null', 2, '-iq-test-', 'false'),
        ('microsoft/phi-2', 'null', 2, '-phi-2-', 'false'),
        ('Qwen/Qwen1.5-4B', '4e9', 3, '-qwen1.5-4b-', 'true'),
        ('google/gemma-3-4b-it', '4e9', 4, '-gemma-3-4b-it-', 'false'),
        ('allura-org/Q3-8B-Kintsugi', '8e9', 4, '-q3-8b-kintsugi-', 'false'),
        ('o/Q2.5-Veltha-14B', '14e9', 4, '-q2.5-veltha-14b-', 'false'),
        ('bosonai/Higgs-Llama-3-70B', '70e9', 4, '-higgs-llama-3-70b-', 'false'),
        ('microsoft/bitnet-b1.58-2B-4T', '2e9', 6, '-bitnet-b1.58-2b-4t-', 'false'),
        ('01-ai/Yi-6B-200K', '6e9', 4, '-yi-6b-200k-', 'false'),
        ('THUDM/LongWriter-glm4-9b', '9e9', 4, '-longwriter-glm4-9b-', 'false'),
        ('o/Full-Metal-7B', '7e9', 3, '-full-metal-7b-', 'false'),
        ('intfloat/e5-mistral-7b-instruct', '7e9', 5, '-e5-mistral-7b-instruct-', 'false'),
        ('o/habit-8bitter', 'null', 3, '-habit-8bitter-', 'false'),
        ('fp-research/fp-1', 'null', 2, '-fp-1-', 'false'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ model_id }}' as model_id,
            cast({{ params }} as double) as params,
            {{ n_words }} as n_words,
            '{{ plain_name }}' as plain_name,
            {{ is_named_after_owner }} as is_named_after_owner
    {% endfor %}
),

patterns as (
    select {{ alternatives("case when seen_in = 'name' then pattern end") }} as in_names
    from {{ ref('quantization_formats') }}
),

read_back as (
    select
        named.*,
        {{ params_from_name('named.model_id') }} as read_params,
        {{ list_size(name_words('named.model_id')) }} as read_n_words,
        {{ with_formats_marked(hyphenated_name('named.model_id'), 'patterns.in_names') }} as marked_name,
        {{ is_named_after_owner('named.model_id') }} as read_is_named_after_owner
    from named
    cross join patterns
),

wrong as (
    select * from read_back
    where
        coalesce(read_params, -1) != coalesce(params, -1)
        or read_n_words != n_words
        or coalesce(nullif(replace(marked_name, '-#', ''), '-'), '-gguf-') != plain_name
        or read_is_named_after_owner != is_named_after_owner
)

select * from wrong
