-- The models of a Hub-shaped dump of n_models models, and their parents. Set by set, no row in Python.
-- The variables n_models and seed are set before this is run; hub_dump_columns.sql, run after it, tells the rest.
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
    flatten(list(
        ['base_model:' || parent_id, 'base_model:' || relation || ':' || parent_id] order by parent_id, relation
    )) as tags
from parents
group by number;
