create table shop_order (id varchar(100) primary key, cents int not null);
create table booking (order_id varchar(100) primary key, receipt varchar(300) not null);
-- Of the payment service: what it was asked, and what it charged.
create table charge_call (order_id varchar(100) not null, key varchar(300) not null);
create table payment (key varchar(300) primary key, cents int not null);
