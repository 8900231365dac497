-- A Hub-shaped dump of n_models models, in the columns of cfahlgren1/hub-stats. Set by set, no row in Python.
-- The variables n_models and seed are set before this is run; the view `dump` is what is to be written.
-- Every draw is a hash of the model's number and the name of the draw, so the same numbers give the same file.
-- Model 0 is the oldest. Parents are older models, drawn towards the oldest, so that families are heavy-tailed.

create macro draw(number, name) as (hash(number, name, getvariable('seed')) % 1000000007) / 1000000007.0;
create macro pick(number, name, texts) as texts[1 + cast(floor(draw(number, name) * len(texts)) as integer)];

create temp table numbered as
select
    number,
    'author-' || cast(floor(power(draw(number, 'author'), 3) * getvariable('n_models') / 8) as bigint) as author,
    case
        when draw(number, 'parents') < 0.45 and number > 100
            then case
                when draw(number, 'kind') < 0.42 then 'quantized'
                when draw(number, 'kind') < 0.76 then 'finetune'
                when draw(number, 'kind') < 0.96 then 'adapter'
                else 'merge'
            end
    end as relation
from range(getvariable('n_models')) as numbers (number);

create temp table named as
select
    number,
    author,
    relation,
    author || '/' || pick(number, 'word', ['Llama-3', 'Qwen2.5', 'mistral', 'gemma', 'bert', 'whisper', 'sd-lora', 't5'])
        || '-' || pick(number, 'size', ['0.5B', '1B', '7B', '8B', '70B', 'base', 'large'])
        || case relation when 'quantized' then '-GGUF' when 'adapter' then '-lora' else '' end
        || '-' || cast(number as varchar) as id
from numbered;

-- One row per declared parent. A merge names two to four; one child in 40 names a ghost, one in 100 writes its
-- parent in another case; one model in 1,000 names itself; one in 2,000 lies in a cycle of two or three; one in
-- 10,000 writes an id that no model can have; one block of models is a chain 200 long.
create temp table parents as
with

drawn as (
    select
        named.number,
        named.relation,
        places.place,
        case
            when named.number between getvariable('n_models') // 2 and getvariable('n_models') // 2 + 199 then named.number - 1
            else cast(floor(power(draw(named.number, 'parent' || places.place), 2.5) * named.number) as bigint)
        end as parent_number
    from named
    cross join range(4) as places (place)
    where
        (named.relation is not null or named.number between getvariable('n_models') // 2 and getvariable('n_models') // 2 + 199)
        and (
            places.place = 0
            or (named.relation = 'merge' and places.place <= 1 + floor(draw(named.number, 'merged') * 3))
        )
),

written as (
    select
        drawn.number,
        coalesce(drawn.relation, 'finetune') as relation,
        case
            when draw(drawn.number, 'ghost') < 0.025 then 'ghost-org/gone-' || drawn.parent_number
            when draw(drawn.number, 'case') < 0.01 then upper(named.id)
            else named.id
        end as parent_id
    from drawn
    inner join named
        on drawn.parent_number = named.number
)

select * from written
union
select number, 'finetune', id from named where number % 1000 = 7
union
select number, 'finetune', id || ':main' from named where number % 10000 = 11
union
select forth.number, 'finetune', back.id
from named as forth
inner join named as back
    on back.number = forth.number - forth.number % 6000 + (forth.number % 6000 + 1) % 3
where forth.number % 6000 < 3 and forth.number >= 6000;

create temp table families as
select
    number,
    list(distinct parent_id order by parent_id) as parent_ids,
    min(relation) as relation,
    flatten(list([
        'base_model:' || parent_id,
        'base_model:' || relation || ':' || parent_id
    ])) as tags
from parents
group by number;

create temp view dump as
select
    md5(cast(named.number as varchar)) as _id,
    named.id,
    named.author,
    timestamp '2020-01-01' + to_seconds(cast(named.number * (5.5 * 365 * 86400 / getvariable('n_models')) as bigint)) as createdAt,
    timestamp '2020-01-01'
        + to_seconds(cast((named.number + draw(named.number, 'age') * (getvariable('n_models') - named.number))
        * (5.5 * 365 * 86400 / getvariable('n_models')) as bigint)) as lastModified,
    -- Four models in five are hardly loaded; the tail is a power law.
    cast(floor(least(power(1 - draw(named.number, 'downloads'), -1.25) - 1, 5e7)) as bigint) as downloads,
    cast(floor(least(power(1 - draw(named.number, 'downloads'), -1.25) - 1, 5e7)
        * (1 + 9 * draw(named.number, 'years'))) as bigint) as downloadsAllTime,
    cast(floor(least(power(1 - draw(named.number, 'likes'), -0.6) - 1, 2e4)) as bigint) as likes,
    cast(floor(power(draw(named.number, 'trend'), 40) * 50) as bigint) as trendingScore,
    false as private,
    false as disabled,
    case when draw(named.number, 'gated') < 0.03 then 'manual' else 'false' end as gated,
    md5(named.id) as sha,
    pick(named.number, 'task', [
        'text-generation', 'text-generation', 'text-generation', 'text-classification', 'text-to-image',
        'automatic-speech-recognition', 'fill-mask', 'feature-extraction', null, null
    ]) as pipeline_tag,
    pick(named.number, 'library', ['transformers', 'transformers', 'peft', 'diffusers', 'gguf', null]) as library_name,
    list_concat(
        [
            'region:us',
            'safetensors',
            'license:' || pick(named.number, 'license', [
                'apache-2.0', 'apache-2.0', 'mit', 'llama3', 'cc-by-nc-4.0', 'gemma', 'other', 'openrail'
            ]),
            pick(named.number, 'language', ['en', 'en', 'en', 'zh', 'fr', 'de', 'es', 'ja', 'multilingual']),
            'dataset:' || pick(named.number, 'set_owner', ['HuggingFaceH4', 'tatsu-lab', 'Open-Orca', 'own'])
            || '/set-' || cast(floor(power(draw(named.number, 'set'), 4) * 5000) as bigint),
            pick(named.number, 'task', [
                'text-generation', 'text-generation', 'text-generation', 'text-classification', 'text-to-image',
                'automatic-speech-recognition', 'fill-mask', 'feature-extraction', 'custom', 'other'
            ]),
            'arxiv:' || cast(2001 + floor(draw(named.number, 'paper') * 500) as bigint) || '.'
            || lpad(cast(cast(floor(draw(named.number, 'paper2') * 99999) as bigint) as varchar), 5, '0'),
            pick(named.number, 'extra', [
                'lora', 'qlora', 'dpo', 'sft', 'trl', 'mergekit', 'gguf', 'gptq', 'conversational', 'endpoints_compatible'
            ])
        ],
        ['autotrain_compatible', 'text-generation-inference', 'dataset:own/extra']
        [: cast(floor(draw(named.number, 'n_tags') * 4) as integer)],
        coalesce(families.tags, [])
    ) as tags,
    to_json(struct_pack(
        license := pick(named.number, 'license', [
            'apache-2.0', 'apache-2.0', 'mit', 'llama3', 'cc-by-nc-4.0', 'gemma', 'other', 'openrail'
        ]),
        language := [pick(named.number, 'language', ['en', 'en', 'en', 'zh', 'fr', 'de', 'es', 'ja', 'multilingual'])],
        library_name := 'transformers',
        base_model := families.parent_ids,
        widget := [{'text': 'What is the capital of France?', 'example_title': 'A question about ' || named.author}]
    )) as cardData,
    to_json(struct_pack(
        architectures := ['LlamaForCausalLM'],
        model_type := pick(named.number, 'architecture', ['llama', 'llama', 'qwen2', 'mistral', 'gemma2', 'bert', null]),
        tokenizer_config := {'bos_token': '<s>', 'chat_template': repeat('{% if message %}', 12)}
    )) as config,
    case
        when draw(named.number, 'api') < 0.5 and families.parent_ids is not null
            then to_json({'relation': families.relation, 'models': list_transform(families.parent_ids, lambda parent : {'id': parent})})
    end as baseModels,
    case
        when draw(named.number, 'weights') < 0.6
            then to_json({'total': cast(power(10, 7 + 4 * draw(named.number, 'weight')) as bigint)})
    end as safetensors,
    list_transform(
        ['.gitattributes', 'README.md', 'config.json', 'generation_config.json', 'model.safetensors',
         'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json'],
        lambda name : {'rfilename': name}
    ) as siblings,
    cast(power(10, 6 + 4 * draw(named.number, 'bytes')) as bigint) as usedStorage
from named
left join families
    on named.number = families.number;
