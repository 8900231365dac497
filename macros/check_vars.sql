{#- Every variable that a build takes, with the least and the greatest value that makes sense; none for true or false. -#}
{% macro known_vars() -%}
    {{ return({
        'exclude_suspect_pairs': none,
        'direction_gap_above': (0, 1),
        'mean_tolerance': (0, 1),
        'copy_min_values': (1, 1000000),
        'copy_min_overlap': (0, 1),
        'size_ratio_same': (1, 1000000),
        'contradiction_factor': (0, 1),
        'conversion_factor': (0, 1),
        'accepted_places': (1, 1000000),
        'accepted_share': (0, 1),
        'low_overlap_below': (0, 1),
        'fpr_bound': (0, 1),
        'observation_gap_days': (1, 36500),
        'whole_snapshot_share': (0, 1),
        'spike_factor': (1, 1000000),
        'spike_min_downloads': (1, 1000000000),
        'spike_min_steps': (2, 1000),
        'stall_min_downloads': (1, 1000000000),
        'series_holders': (1, 1000000000),
        'kinship_p_below': (0, 1),
        'kinship_correlation_from': (0, 1),
    }) }}
{%- endmacro %}

{#- Stop with one sentence, before anything is built, where `--vars` has an unknown variable or a bad value. -#}
{% macro check_vars() -%}
    {%- if execute -%}
        {%- set known = modelkin.known_vars() -%}
        {%- for name in invocation_args_dict.get('vars') or {} if name not in known -%}
            {{ exceptions.raise_compiler_error(
                "There is no variable " ~ name ~ "; --vars takes " ~ known | sort | join(', ') ~ "."
            ) }}
        {%- endfor -%}
        {%- for name, bounds in known.items() -%}
            {%- set value = var(name) -%}
            {%- if bounds is none -%}
                {%- if value is not boolean -%}
                    {{ exceptions.raise_compiler_error(
                        "The variable " ~ name ~ " is true or false, and not " ~ value ~ "."
                    ) }}
                {%- endif -%}
            {%- elif value is boolean or value is not number or value < bounds[0] or value > bounds[1] -%}
                {{ exceptions.raise_compiler_error(
                    "The variable " ~ name ~ " is a number from " ~ bounds[0] ~ " to " ~ bounds[1] ~ ", and not "
                    ~ value ~ "."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
